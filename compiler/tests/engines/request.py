"""Requests to the API server, each with what it shows."""

from dataclasses import dataclass

from cluster import JSON, MERGE_PATCH, STRATEGIC_MERGE_PATCH, Identity

# Has all rights that RBAC can give, and is no deployer.
STRANGER = Identity("mallory", "developers")


@dataclass
class Request:
    """What is sent, by whom, and what it shows."""

    name: str
    method: str
    object: dict  # names the kind, namespace and name; the body unless `body` is given
    identity: Identity
    body: dict | None = None
    subresource: str = ""
    content_type: str = JSON
    concern: str = ""  # of the policy that must refuse it; empty: it must be accepted
    also: tuple = ()  # concerns of the policies that must refuse it too

    @property
    def concerns(self):
        return (self.concern, *self.also)


def create(name, obj, identity, concern=""):
    return Request(name, "POST", obj, identity, obj, concern=concern)


def patch(name, obj, change, identity, concern="", subresource=""):
    return Request(name, "PATCH", obj, identity, change, subresource, MERGE_PATCH, concern)


def strategic(name, obj, change, identity, concern, subresource=""):
    return Request(name, "PATCH", obj, identity, change, subresource, STRATEGIC_MERGE_PATCH, concern)


def delete(name, obj, identity, concern=""):
    return Request(name, "DELETE", obj, identity, concern=concern)


def label_change(name, obj, identity, concern=""):
    return patch(name, obj, {"metadata": {"labels": {"touched": "yes"}}}, identity, concern)


def title(obj):
    return f"{obj['kind']} {obj['metadata']['name']}"
