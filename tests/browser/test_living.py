"""The living report in a real browser: read, open, change, see, undo, share, come back, switch language, print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("starlette")
PATH = "/studies/deepseek-shock"
CHANGED = f"{PATH}?set.h800.rental_price=1.2..4"


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    trouble: list[str] = []
    opened.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("request", lambda asked: None if asked.url.startswith(site) else trouble.append(asked.url))
    opened.trouble = trouble
    opened.goto(site + PATH)
    yield opened
    context.close()


def rent(page: Any) -> Any:
    """The first number of the answer: the rent of the final run."""
    return page.locator("#answer .number").first


def open_price(page: Any) -> Any:
    """Open the rent's tree down to the price of an hour; returns the price's panel."""
    rent(page).click()
    page.locator(".desk .inputs .number").filter(has_text="per hour").first.click()
    panel = page.locator(".desk .panel .panel").first
    panel.wait_for(state="visible")
    return panel


def test_a_changed_price_moves_what_rests_on_it_and_the_link_holds_it(page: Any, site: str, browser: Any) -> None:
    before = rent(page).inner_text()
    untouched = page.locator("#claim-C01").inner_html()
    panel = open_price(page)
    field = panel.locator(".change-form input").first
    field.fill("1.2..4")
    field.press("Enter")
    page.locator("#answer .was").first.wait_for()
    assert rent(page).inner_text() != before
    assert page.locator("#answer .was").first.inner_text() == before
    assert page.locator("#claim-C01").inner_html() == untouched
    assert page.locator("#iceberg .was, #definitions .was").count() > 0
    assert "Why did this change?" in page.locator(".desk").inner_text()
    assert "h800.rental_price" in page.locator("#desk-changes").inner_text()
    page.locator("#desk-link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == site + CHANGED
    other = browser.new_page()
    other.goto(link)
    assert rent(other).inner_text() == rent(page).inner_text()
    assert other.locator("#desk-count").text_content() == "1"
    numbers = "JSON.stringify(window.waterline.data.nodes)"
    page.wait_for_function(f"wanted => {numbers} === wanted", arg=other.evaluate(numbers))
    other.close()
    assert page.trouble == []


def test_dragging_undo_reset_and_compare(page: Any) -> None:
    before = rent(page).inner_text()
    slider = open_price(page).locator("input[type=range]")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    page.locator("#answer .was").first.wait_for()
    dragged = rent(page).inner_text()
    assert dragged != before
    assert slider.evaluate("each => document.activeElement === each")
    page.locator("#desk-compare").click()
    assert not page.locator("#answer .was").first.is_visible()
    page.locator("#desk-undo").click()
    page.locator("#answer .was").first.wait_for(state="detached")
    assert rent(page).inner_text() == before
    assert "set." not in page.url
    assert page.trouble == []


def test_a_value_out_of_bounds_is_refused_beside_the_field(page: Any) -> None:
    panel = open_price(page)
    field = panel.locator(".change-form input").first
    field.fill("cheap")
    field.press("Enter")
    refused = panel.locator(".problem")
    refused.wait_for(state="visible")
    assert "2.5 USD/hour" in refused.inner_text()
    assert page.locator("#answer .was").count() == 0


def test_an_earlier_day_shows_what_was_known_then(page: Any, site: str) -> None:
    page.locator("#desk-day").evaluate(
        "each => { each.value = String(Number(each.min) + 800); each.dispatchEvent(new Event('change')); }"
    )
    page.wait_for_url("**as_of=**")
    page.locator(".claims-table .moved").first.wait_for()
    assert page.locator("#left-out li").count() > 0
    page.locator("#desk-reset").click()
    page.wait_for_url(site + PATH)


def test_languages_keep_the_scenario(page: Any, site: str) -> None:
    page.goto(site + CHANGED)
    page.locator(".languages a[hreflang=zh-Hant]").click()
    page.wait_for_url("**lang=zh-Hant**")
    assert "set.h800.rental_price=1.2..4" in page.url
    assert page.locator("html").get_attribute("lang") == "zh-Hant"
    assert "萬美元" in rent(page).inner_text()
    assert page.locator("#answer .was").count() == 2


def test_printing_leaves_the_desk_out(page: Any, site: str) -> None:
    page.goto(site + CHANGED)
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.locator("#desk").is_visible()
    assert page.locator("#answer .was").first.is_visible()


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_pages_fit_their_width(browser: Any, site: str, width: int, language: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    for path in (CHANGED, "/?", "/explore?quantity=rental_cost", "/search?q=h100", "/write?"):
        page.goto(f"{site}{path}&lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_are_found(browser: Any, site: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browser.new_page(viewport={"width": 1400, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    example = "/explore?quantity=rental_cost&model=deepseek-v3&vary1=rental_price&values1=1:4:5"
    for path in (CHANGED, "/", example, "/search?q=h100+price", "/write"):
        page.goto(site + path)
        if path == CHANGED:
            open_price(page)
        shown = {
            "include": [["header"], ["#opening"], ["#answer"], ["#iceberg"], ["#summary"], ["#section-1"], [".desk"]]
        }
        found = axe.run(
            page,
            context=shown if path == CHANGED else None,
            options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]},
        )
        seen = [
            (each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found.response["violations"]
        ]
        assert seen == [], path
    page.close()


def test_everything_is_reached_by_keyboard(page: Any) -> None:
    rent(page).focus()
    page.keyboard.press("Enter")
    page.locator(".desk .panel").first.wait_for()
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.getAttribute('class') || ''"))
    assert any("number" in each for each in reached)
    assert {"desk-compare", "desk-link", "desk-day"} <= set(reached)
    page.locator(".desk .panel .close").first.focus()
    page.keyboard.press("Escape")
    assert page.locator(".desk .panel").count() == 0
    assert rent(page).evaluate("each => document.activeElement === each")
