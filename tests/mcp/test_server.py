"""An assistant's golden path, with the protocol's official client over standard input and output."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest

mcp = pytest.importorskip("mcp")

from mcp.client.stdio import stdio_client  # noqa: E402


def talk(*calls: tuple[str, dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """Tools of a freshly started server, and the results of calls."""

    async def session() -> tuple[list[Any], list[Any]]:
        command = mcp.StdioServerParameters(command=sys.executable, args=["-m", "waterline.cli.main", "mcp"])
        async with stdio_client(command) as streams, mcp.ClientSession(*streams) as client:
            await client.initialize()
            tools = (await client.list_tools()).tools
            return tools, [await client.call_tool(name, arguments) for name, arguments in calls]

    with ThreadPoolExecutor(1) as thread:  # the browser's driver may hold this thread's event loop
        return thread.submit(anyio.run, session).result()


@pytest.fixture(scope="module")
def talked() -> tuple[list[Any], list[Any]]:
    run = {"roles": {"model": "deepseek-v3", "chip": "h800"}}
    return talk(
        ("ask", {"quantity": "rental_cost", **run, "set": {"h800.rental_price": "1.8..2.6 USD/hour"}}),
        ("explain", {"quantity": "rental_cost", **run, "depth": 1}),
        ("compare", {"quantity": "rental_cost", "role": "chip", "entities": ["h800", "h100-sxm"],
                     "roles": {"model": "deepseek-v3"}}),
        ("check", {"model": "deepseek-v3", "chip": "h800", "count": 2048, "tokens": 14.8e12, "gpu_hours": 2.664e6}),
        ("study", {"name": "deepseek-shock", "as_of": "2026-11-24"}),
        ("facts_find", {"text": "h800 rental price"}),
        ("quantities", {"text": "rent"}),
        ("ask", {"quantity": "rental_cots"}),
        ("ask", {"quantity": "rental_cost", **run, "samples": 10**9}),
        ("study", {"name": "../../../etc/passwd"}),
    )  # fmt: skip


def test_tools_have_typed_schemas_and_only_read(talked: tuple[list[Any], list[Any]]) -> None:
    tools, _ = talked
    assert {tool.name for tool in tools} >= {"ask", "explain", "compare", "check", "study", "facts_find"}
    for tool in tools:
        assert tool.annotations.read_only_hint
        assert tool.description
    ask = next(tool for tool in tools if tool.name == "ask").input_schema
    assert ask["required"] == ["quantity"]
    assert ask["properties"]["samples"]["maximum"] == 65_536


def test_answers_are_cited(talked: tuple[list[Any], list[Any]]) -> None:
    ask, explain, compare, check, study, facts, quantities = (each.structured_content for each in talked[1][:7])
    assert ask["unit"] == "USD"
    assert ask["p05"] < ask["median"] < ask["p95"]
    assert ask["sources"][0]["url"].startswith("http")
    assert {"fact", "title", "url", "known", "trust"} <= ask["sources"][0].keys()
    assert [entry["name"] for entry in ask["assumptions"]] == ["h800.rental_price"]
    assert explain["tree"]["formula"].startswith("rental_cost = ")
    assert [row["entity"] for row in compare["rows"]] == ["h800", "h100-sxm"]
    assert check["consistent"] is True
    assert len(study["claims"]) == 62
    assert any(row["name"] == "h800.rental_price" for row in facts["rows"])
    assert any(row["name"] == "rental_cost" for row in quantities["quantities"])


def test_wrong_questions_come_back_with_what_would_be_right(talked: tuple[list[Any], list[Any]]) -> None:
    unknown, large, path = talked[1][7:]
    assert unknown.is_error
    assert "did you mean rental_cost" in unknown.content[0].text
    assert large.is_error
    assert path.is_error
    assert "deepseek-shock" in path.content[0].text
