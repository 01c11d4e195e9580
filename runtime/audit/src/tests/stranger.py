"""A verifier written from docs/reference/audit-log.md alone. Prints the anchor of a good log."""

import base64
import hashlib
import json
import pathlib
import sys


def leaf(data: bytes) -> str:
    digest = hashlib.sha256(b"\0" + data).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


folder = pathlib.Path(sys.argv[1])
if not (folder / "origin").exists():
    sys.exit(22)
prev = leaf((folder / "origin").read_bytes().removesuffix(b"\n"))
count = batch = 0
segments = sorted(folder.glob("seg-*.jsonl"))
for segment in segments:
    if int(segment.name[4:24]) > count:
        sys.exit(22)
    content = segment.read_bytes()
    if segment == segments[-1]:
        content = content.rstrip(b"\0")
    for line in content.splitlines(keepends=True):
        body = line[:-1]
        if not line.endswith(b"\n") or len(body) > 16_384:
            sys.exit(20)
        if body[-51:] != f',"z":"{leaf(body[:-51])}"}}'.encode():
            sys.exit(20)
        record = json.loads(body)
        canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if canonical.encode() != body or record["v"] != 1:
            sys.exit(20)
        if record["i"] != count or record["prev"] != prev or record["b"] not in (count, batch):
            sys.exit(20)
        prev, batch, count = leaf(body), record["b"], count + 1
print(f"{count}:{prev}")
