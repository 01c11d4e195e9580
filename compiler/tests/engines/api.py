"""The API server as the requests see it: where objects are, and who refused what."""

import re

DENIED_BY = re.compile(r"Policy ([a-z0-9-]+) failed:")


class Api:
    """Finds the path of an object and sends requests about it as dry runs."""

    def __init__(self, cluster):
        self._cluster = cluster
        self._resources = {}

    def path(self, obj, with_name=True):
        """The path of an object, or of its collection."""
        api = obj["apiVersion"]
        root = f"/apis/{api}" if "/" in api else f"/api/{api}"
        if api not in self._resources:
            listed = self._cluster.request("GET", root).body["resources"]
            self._resources[api] = {each["kind"]: each for each in listed if "/" not in each["name"]}
        resource = self._resources[api][obj["kind"]]
        scope = f"/namespaces/{obj['metadata']['namespace']}" if resource["namespaced"] else ""
        name = f"/{obj['metadata']['name']}" if with_name else ""
        return f"{root}{scope}/{resource['name']}{name}"

    def send(self, request):
        """The answer to a request that changes nothing."""
        is_new = request.method == "POST" and not request.subresource
        path = self.path(request.object, with_name=not is_new) + request.subresource
        # A request to a subresource such as `scale` is of another kind, and a deletion has no fields to validate.
        query = "?dryRun=All" + ("&fieldValidation=Strict" if request.method in ("POST", "PUT") else "")
        return self._cluster.request(request.method, path + query, request.body, request.identity, request.content_type)


def denied_by(answer):
    """The names of the policies that denied a request."""
    return set(DENIED_BY.findall(answer.message))


def is_accepted(answer):
    """Whether admission let it through. 409 comes after admission: the object is there already."""
    return answer.ok or (answer.status == 409 and not denied_by(answer))
