"""Makes compiler/schemas: the pinned strict JSON Schemas of the kinds that the compiler emits.

    .ci/schemas            write them
    .ci/schemas --check    exit 1 when the committed files are not those of the installed engines

The built-in kinds are read from the OpenAPI documents of the API server that `make engines` builds, the custom ones
from their CustomResourceDefinitions. They are made strict (an unknown field is an error) and pruned of what a manifest
never says (`status`, server-set metadata) or what restricted pod security refuses anyway (host volumes, host network).
"""

import json
import subprocess
import sys
from pathlib import Path

from cluster import Cluster
from processes import EngineError

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "compiler/schemas"

BUILT_IN = {
    "v1": ["ConfigMap", "Namespace", "PersistentVolumeClaim", "Service", "ServiceAccount"],
    "apps/v1": ["Deployment", "StatefulSet"],
    "networking.k8s.io/v1": ["NetworkPolicy"],
    "policy/v1": ["PodDisruptionBudget"],
    "rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
}
CUSTOM = {
    "cert-manager.io/v1": ("cert-manager", "certificates", "Certificate"),
    "cilium.io/v2": ("cilium", "ciliumnetworkpolicies", "CiliumNetworkPolicy"),
    "policies.kyverno.io/v1": ("kyverno", "validatingpolicies", "ValidatingPolicy"),
}

# The only fields kept of a definition.
KEPT = {
    "ObjectMeta": {"annotations", "labels", "name", "namespace"},
    # Those that restricted pod security admits.
    "Volume": {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "name",
        "persistentVolumeClaim",
        "projected",
        "secret",
    },
}
# Fields removed from a definition.
REMOVED = {
    # Debugging and placement by hand, what restricted pod security refuses, and a deprecated alias that would hide the
    # service account from whoever looks for `serviceAccountName`.
    "PodSpec": {"ephemeralContainers", "hostIPC", "hostNetwork", "hostPID", "nodeName", "serviceAccount"},
    "Container": {"stdin", "stdinOnce", "tty", "volumeDevices"},
    # Only finalizers.
    "Namespace": {"spec"},
}
# What of JSON Schema is kept; the rest is documentation, defaults, or rules that only the API server can hold.
KEYWORDS = {
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maximum",
    "maxProperties",
    "minItems",
    "minLength",
    "minimum",
    "minProperties",
    "multipleOf",
    "pattern",
    "required",
    "type",
    "uniqueItems",
}
OBJECT_META = {"$ref": "#/$defs/ObjectMeta"}


def text_map():
    return {"additionalProperties": {"type": "string"}, "type": "object"}


def strict(schema, short_name, structural=True):
    """One schema of OpenAPI 3.0 as JSON Schema 2020-12. `structural` is false inside anyOf, oneOf, allOf and not,
    where properties constrain an object that another place describes."""
    if "$ref" in schema:
        return {"$ref": "#/$defs/" + short_name(schema["$ref"])}
    if len(schema.get("allOf", [])) == 1 and "properties" not in schema:
        return strict(schema["allOf"][0], short_name)
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        return {"type": ["integer", "string"]}
    out = {key: value for key, value in schema.items() if key in KEYWORDS}
    if schema.get("format") == "int32":
        out.setdefault("minimum", -(2**31))
        out.setdefault("maximum", 2**31 - 1)
    # Unicode classes are written differently in every regex dialect.
    if "\\p" in out.get("pattern", "").lower():
        del out["pattern"]
    if schema.get("x-kubernetes-list-type") == "set":
        out["uniqueItems"] = True
    if "properties" in schema:
        out["properties"] = {name: strict(each, short_name, structural) for name, each in schema["properties"].items()}
        if structural and not schema.get("x-kubernetes-preserve-unknown-fields"):
            out["additionalProperties"] = False
    if isinstance(schema.get("additionalProperties"), dict):
        out["additionalProperties"] = strict(schema["additionalProperties"], short_name, structural)
    if "items" in schema:
        out["items"] = strict(schema["items"], short_name, structural)
    for junctor in ("allOf", "anyOf", "oneOf"):
        if junctor in schema:
            out[junctor] = [strict(each, short_name, False) for each in schema[junctor]]
    if "not" in schema:
        out["not"] = strict(schema["not"], short_name, False)
    if schema.get("nullable"):
        out["type"] = [out["type"], "null"] if "type" in out else ["object", "null"]
    return out


def prune(name, definition):
    """Removes what KEPT and REMOVED say, and every status."""
    properties = definition.get("properties", {})
    is_kind = "apiVersion" in properties and "kind" in properties
    for field in list(properties):
        if field not in KEPT.get(name, {field}) or field in REMOVED.get(name, ()) or (is_kind and field == "status"):
            del properties[field]
    if "required" in definition:
        definition["required"] = [field for field in definition["required"] if field in properties]
        if not definition["required"]:
            del definition["required"]
    return definition


def references(node):
    """The names of all definitions that a schema refers to."""
    if isinstance(node, dict):
        found = {node["$ref"].removeprefix("#/$defs/")} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(references(each) for each in node.values()))
    if isinstance(node, list):
        return set().union(*(references(each) for each in node))
    return set()


def document(api_version, kind, root, definitions, source):
    """A self-contained schema of one kind, with the definitions it needs and no others."""
    root["properties"] |= {"apiVersion": {"const": api_version}, "kind": {"const": kind}}
    root["properties"]["metadata"] = OBJECT_META | {"required": ["name"]}
    root["required"] = sorted({"apiVersion", "kind", "metadata"} | ({"spec"} & root["properties"].keys()))
    needed, open_names = {}, references(root)
    while open_names:
        name = open_names.pop()
        needed[name] = definitions[name]
        open_names |= references(definitions[name]) - needed.keys()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": source, "title": kind}
    return head | root | {"$defs": needed}


def built_in(cluster, api_version, kinds, source):
    path = ("apis/" if "/" in api_version else "api/") + api_version
    index = cluster.request("GET", "/openapi/v3").body["paths"]
    schemas = cluster.request("GET", index[path]["serverRelativeURL"]).body["components"]["schemas"]
    for kind in kinds:
        yield kind, from_openapi(api_version, kind, schemas, source)


def from_openapi(api_version, kind, schemas, source):
    group, _, version = api_version.rpartition("/")
    this = {"group": group, "version": version, "kind": kind}
    root_name = next(name for name, each in schemas.items() if each.get("x-kubernetes-group-version-kind") == [this])
    # The last part of a name is unique among what one kind reaches; a clash would silently mix two definitions.
    full_names = {}

    def short_name(reference):
        full = reference.rsplit("/", 1)[-1]
        short = full.rsplit(".", 1)[-1]
        if full_names.setdefault(short, full) != full:
            raise EngineError(f"two definitions are called {short}: {full_names[short]} and {full}")
        return short

    definitions, open_names = {}, {short_name(root_name)}
    while open_names:
        name = open_names.pop()
        definitions[name] = prune(name, strict(schemas[full_names[name]], short_name))
        open_names |= references(definitions[name]) - definitions.keys()
    return document(api_version, kind, definitions.pop(kind), definitions, source)


def custom(cluster, api_version, plural, kind, source):
    group, version = api_version.split("/")
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{group}"
    versions = cluster.request("GET", path).body["spec"]["versions"]
    schema = next(each["schema"]["openAPIV3Schema"] for each in versions if each["name"] == version)
    # `specs` is a second way to say `spec`.
    schema["properties"].pop("specs", None)
    for alternatives in ("anyOf", "oneOf"):
        schema.pop(alternatives, None)
    root = prune(kind, strict(schema, lambda reference: reference))
    metadata = {"additionalProperties": False, "properties": {}, "type": "object"}
    for field in KEPT["ObjectMeta"]:
        metadata["properties"][field] = text_map() if field in ("annotations", "labels") else {"type": "string"}
    return document(api_version, kind, root, {"ObjectMeta": metadata}, source)


def kustomization():
    """Kustomize publishes no schema. This one allows only what names resources and generates ConfigMaps: patches and
    transformers would change objects after they were checked."""
    texts = {"items": {"type": "string"}, "type": "array"}
    options = {
        "additionalProperties": False,
        "properties": {"annotations": text_map(), "disableNameSuffixHash": {"type": "boolean"}, "labels": text_map()},
        "type": "object",
    }
    generator = {
        "additionalProperties": False,
        "properties": {"files": texts, "name": {"type": "string"}, "namespace": {"type": "string"}, "options": options},
        "required": ["files", "name"],
        "type": "object",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Written by hand, see .ci/schemas",
        "title": "Kustomization",
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": "kustomize.config.k8s.io/v1beta1"},
            "configMapGenerator": {"items": generator, "type": "array"},
            "generatorOptions": options,
            "kind": {"const": "Kustomization"},
            "namespace": {"type": "string"},
            "resources": texts,
        },
        "required": ["apiVersion", "kind"],
        "type": "object",
    }


def file_name(kind, api_version):
    """`deployment-apps-v1.json`, `namespace-v1.json`: the kind and the API version in lower case."""
    return f"{kind}-{api_version.replace('/', '-')}.json".lower()


def make(cluster):
    """All schemas, file name to text, from a cluster that has the CustomResourceDefinitions."""
    listed = subprocess.run([ROOT / ".ci/engines", "--list"], check=True, capture_output=True, text=True).stdout
    versions = {line.split()[0]: line.split()[1] for line in listed.splitlines()}
    schemas = {file_name("Kustomization", "kustomize.config.k8s.io/v1beta1"): kustomization()}
    for api_version, kinds in BUILT_IN.items():
        source = f"Kubernetes {versions['kube-apiserver']}, made strict by .ci/schemas"
        for kind, schema in built_in(cluster, api_version, kinds, source):
            schemas[file_name(kind, api_version)] = schema
    for api_version, (name, plural, kind) in CUSTOM.items():
        source = f"{name} {versions[f'crds-{name}']}, made strict by .ci/schemas"
        schemas[file_name(kind, api_version)] = custom(cluster, api_version, plural, kind, source)
    return {name: json.dumps(schema, indent=1, sort_keys=True) + "\n" for name, schema in schemas.items()}


def stale(made):
    """The names of the committed files that differ from what was made."""
    committed = {path.name: path.read_text() for path in SCHEMAS.glob("*.json")}
    return sorted(name for name in made.keys() | committed.keys() if made.get(name) != committed.get(name))


def main():
    with Cluster() as cluster:
        cluster.install_crds(*(name for name, _, _ in CUSTOM.values()))
        made = make(cluster)
    if "--check" in sys.argv[1:]:
        for name in stale(made):
            print(f"schemas: {name} is not that of the installed engines: run .ci/schemas", file=sys.stderr)
        return 1 if stale(made) else 0
    SCHEMAS.mkdir(exist_ok=True)
    for path in SCHEMAS.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (SCHEMAS / name).write_text(text)
    print(f"schemas: {len(made)} written, {sum(map(len, made.values())) // 1024} KiB")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EngineError as error:
        sys.exit(f"schemas: {error}")
