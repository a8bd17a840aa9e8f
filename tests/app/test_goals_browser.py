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


def test_a_goal_about_a_molecule_is_added_with_the_lead_and_by_keys(visit: Open) -> None:
    page = visit("/new", 390, "dark")
    expect = playwright.expect
    page.locator('[data-goal="synthesis"] .transform').wait_for()
    page.get_by_label("Leads", exact=True).fill("CC(=O)Oc1ccccc1C(=O)O")
    page.get_by_label("Another goal").select_option("similarity")
    what = page.locator("#what")
    expect(what).to_have_value("CC(=O)Oc1ccccc1C(=O)O")
    what.fill("no molecule")
    what.press("Enter")  # adds the goal, and doesn't begin a campaign
    page.get_by_text("the target 'no molecule' is not a molecule").wait_for()
    expect(what).to_have_value("no molecule")
    assert faults(page) == []
    what.fill("Cn1cnc2c1c(=O)n(C)c(=O)n2C")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator('[data-goal="similarity"] .transform').wait_for()
    expect(page.get_by_label("Settings as YAML")).to_have_value(re.compile("target: Cn1cnc2c1c"))
    page.get_by_label("Another goal").select_option("descriptor tpsa")
    expect(what).to_be_hidden()
    page.reload()
    page.locator('[data-goal="similarity"] .subject img').wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults(page) == []


def test_a_wrong_number_does_not_take_the_sliders_away(visit: Open) -> None:
    page = visit("/new")
    page.locator('[data-goal="synthesis"] .transform').wait_for()
    page.get_by_label("Weight", exact=True).first.fill("heavy")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#problem-goal").get_by_text("'heavy' is no number").wait_for()
    playwright.expect(page.get_by_label("Weight", exact=True).first).to_have_value("heavy")
    page.get_by_label("Weight", exact=True).first.fill("2")
    playwright.expect(page.get_by_label("Settings as YAML")).to_have_value(re.compile("weight: 2"))


def test_what_is_typed_before_the_scripts_come_counts(visit: Open) -> None:
    page, held = visit("/login"), []
    page.route("**/new.js*", lambda route: held.append(route))
    page.goto(page.url.replace("/login", "/new"), wait_until="commit")
    page.get_by_label("Budget", exact=True).fill("none")
    page.get_by_label("Objective", exact=True).select_option("pmo/qed")
    held[0].continue_()
    page.get_by_text("'none' is no number; write a whole number, such as 500").wait_for()
    page.get_by_label("Budget", exact=True).fill("40")
    playwright.expect(page.get_by_label("Settings as YAML")).to_have_value(re.compile("budget: 40"))
    page.locator('[data-goal="qed"] .transform').wait_for()
