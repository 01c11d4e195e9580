"""Calls the served tools as an agent would: what it was granted, and what it was not.

    try.py URL TOKEN_FILE
"""

import asyncio
import sys
from pathlib import Path

from mcp import Client, MCPError
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

# The clone that this example is in, which the catalog names too.
REPOSITORY = str(Path(__file__).resolve().parents[2])


async def main(url: str, token: str) -> int:
    http = create_mcp_http_client(headers={"Authorization": f"Bearer {token}"})
    async with Client(streamable_http_client(url, http_client=http)) as agent:
        listed = [tool.name for tool in (await agent.list_tools()).tools]
        print("tools/list      ", ", ".join(listed))

        result = await agent.call_tool("git_git_log", {"repo_path": REPOSITORY, "max_count": 1})
        text = result.content[0].text.strip().splitlines()
        print("git_git_log      granted:", " / ".join(line.strip() for line in text[:3]))
        if result.is_error or not text:
            return 1

        try:
            await agent.call_tool("git_git_commit", {"repo_path": REPOSITORY, "message": "no"})
        except MCPError as refusal:
            print("git_git_commit   refused:", refusal.error.message)
            return 0
        print("git_git_commit   was NOT refused")
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], Path(sys.argv[2]).read_text().strip())))
