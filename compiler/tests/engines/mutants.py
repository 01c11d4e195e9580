"""Requests that the generated policies must refuse, each derived from a generated object by one change."""

import json

from identity_mutants import DEPLOYERS, POLICIES, additions, identity_mutants
from pod_mutants import FOREIGN, IMAGES, REGISTRIES, SECRETS, SERVICE_ACCOUNTS, moved_pods, pod_mutants

CONCERNS = (DEPLOYERS, IMAGES, POLICIES, SECRETS, SERVICE_ACCOUNTS)


def mutants(bundle):
    """Every mutant of a bundle."""
    for workload in bundle.workloads:
        for request in pod_mutants(bundle, workload):
            if is_foreign(request) and bundle.holds(REGISTRIES):
                request.also = (REGISTRIES,)
            yield request
    yield from moved_pods(bundle)
    for obj in bundle.all_objects:
        yield from identity_mutants(bundle, obj)
    yield from additions(bundle)


def is_foreign(request):
    """Whether it would run an image of a registry that no environment allows."""
    return request.concern == IMAGES and f'"{FOREIGN}/' in json.dumps(request.body)
