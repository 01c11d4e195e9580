"""The official Python client, in both modes."""

import asyncio
import json
import sys

from mcp import Client, MCPError
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client


def say(**what):
    print(json.dumps(what), flush=True)


async def main(mode, url, token, granted, hidden, slow):
    http = create_mcp_http_client(headers={"Authorization": f"Bearer {token}"})
    transport = streamable_http_client(url, http_client=http)
    async with Client(transport, mode="auto" if mode == "modern" else "legacy") as client:
        say(protocol=str(client.protocol_version))
        tools = (await client.list_tools()).tools
        say(listed=[tool.name for tool in tools])
        result = await client.call_tool(granted, {"text": "hello"})
        say(called=result.content[0].text, error=bool(result.is_error))
        try:
            await client.call_tool(hidden, {})
            say(refused=None)
        except MCPError as refusal:
            say(refused=refusal.error.message, code=refusal.error.code)
        call = asyncio.create_task(client.call_tool(slow, {}))
        line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        assert line.strip() == "cancel", line
        call.cancel()
        try:
            await call
            say(cancelled=False)
        except asyncio.CancelledError:
            say(cancelled=True)


asyncio.run(main(*sys.argv[1:]))
