"""The goals of a new campaign, slid in a browser, and settings by hand that the form follows."""

import re

import pytest

from tests.app.browsing import Open, faults

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_goals_are_slid_and_the_settings_and_the_form_follow_each_other(visit: Open, width: int, scheme: str) -> None:
    page = visit("/new", width, scheme)
    expect = playwright.expect
    page.locator('[data-goal="synthesis"] .transform').wait_for()
    low, curve = page.locator('[name="goal.low.synthesis"]'), page.locator('[data-goal="synthesis"] .curve')
    before, settings = curve.get_attribute("points"), page.get_by_label("Settings as YAML")
    page.get_by_label("Scores 0 at of synthesis").press("ArrowLeft")
    assert 5.5 < float(low.input_value()) < 6  # a step, and not many digits
    assert len(low.input_value()) < 6
    expect(settings).to_have_value(re.compile(rf"low: {re.escape(low.input_value())}\b"))
    expect(curve).not_to_have_attribute("points", before or "")
    page.locator("#add").select_option("descriptor tpsa")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator('[data-goal="tpsa"] .transform').wait_for()
    page.get_by_role("button", name="Leave out qed").click()
    page.get_by_role("button", name="Take back qed").wait_for()
    expect(settings).to_have_value(re.compile("descriptor: tpsa"))
    expect(settings).not_to_have_value(re.compile("qed: qed"))
    settings.fill(re.sub(r"budget: \d+", "budget: 77", settings.input_value()).replace("library: 10000", "library: 900"))
    expect(page.get_by_label("Budget", exact=True)).to_have_value("77")
    page.get_by_text("The form has no field for search.library").wait_for()
    assert page.locator("#fields").evaluate("fields => fields.inert")
    settings.fill(settings.input_value().replace("library: 900", "library: 10000").replace("budget: 77", "budget: 78"))
    expect(page.get_by_label("Budget", exact=True)).to_have_value("78")
    expect(page.locator("#fields")).not_to_have_attribute("inert", "")
    page.get_by_label("Budget", exact=True).fill("79")  # the form counts again, with all that was written by hand
    expect(settings).to_have_value(re.compile("budget: 79"))
    page.reload()
    page.locator('[data-goal="tpsa"] .transform').wait_for()
    expect(page.get_by_label("Budget", exact=True)).to_have_value("79")
    page.get_by_role("button", name="Take back qed").wait_for()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
