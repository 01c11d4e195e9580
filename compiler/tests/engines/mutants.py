"""Requests that the generated policies must refuse, each derived from a generated object by one change."""

from identity_mutants import DEPLOYERS, POLICIES, additions, identity_mutants
from pod_mutants import IMAGES, SECRETS, SERVICE_ACCOUNTS, pod_mutants

CONCERNS = (DEPLOYERS, IMAGES, POLICIES, SECRETS, SERVICE_ACCOUNTS)


def mutants(bundle):
    """Every mutant of a bundle."""
    for workload in bundle.workloads:
        yield from pod_mutants(bundle, workload)
    for obj in bundle.all_objects:
        yield from identity_mutants(bundle, obj)
    yield from additions(bundle)
