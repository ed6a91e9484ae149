"""How the gateway's own pages look: in light and dark, on a desk and on a telephone."""

import pytest
from playwright.sync_api import expect

from browser.residents import PASSWORD, administrator

TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"
LEGIBLE = 4.5
"""The contrast of text that WCAG 2.2 asks for (1.4.3)."""

CONTRASTS = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    const found = channels(getComputedStyle(element).backgroundColor);
    return found[3] === 0 ? ground(element.parentElement) : found;
  };
  const texts = [...document.querySelectorAll("h1, h2, p, label, button, .button, span, input")];
  return Object.fromEntries(texts.filter(one => one.offsetParent).map(one => {
    const [a, b] = [light(channels(getComputedStyle(one).color)), light(ground(one))];
    return [one.outerHTML.slice(0, 90), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  }));
}"""


def look(person, tmp_path, name):
    """Look at the shown page, and keep a picture of it."""
    person.shoot(tmp_path / f"{name}.png")
    assert 0 >= person.page.evaluate(TOO_WIDE), f"{name} is wider than the window"
    contrasts = person.page.evaluate(CONTRASTS)
    assert len(contrasts) >= 3
    assert {} == {text: ratio for text, ratio in contrasts.items() if ratio < LEGIBLE}, name
    return person.page.evaluate("() => getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_fit_and_are_legible(seat, stack, resident, tmp_path, width):
    """Whatever the browser's colours and width: login, account, invitation and message."""
    account = {"email": f"{width}-with-quite-a-long-name@department.example.org"}
    invited = administrator(stack).ask("POST", "/v1/user", account)
    invitation = "/invitation/" + invited["data"]["invitation"].rpartition("/")[2]
    grounds = []
    for scheme in ("light", "dark"):
        person = seat(stack.gateway_url, color_scheme=scheme, width=width)
        person.go("/login?next=/account")
        look(person, tmp_path, f"{scheme}-login")
        person.go(invitation)
        look(person, tmp_path, f"{scheme}-invitation")
        assert [] == person.complaints
        person.go("/invitation/none")
        look(person, tmp_path, f"{scheme}-message")
        person.go("/login?next=/account")
        person.log_in(resident.email, "wrong")
        expect(person.page.get_by_role("alert")).to_be_visible()
        look(person, tmp_path, f"{scheme}-wrong")
        person.log_in(resident.email, PASSWORD)
        expect(person.page.get_by_role("heading", name=resident.email)).to_be_visible()
        grounds.append(look(person, tmp_path, f"{scheme}-account"))
        assert ["400", "401"] == [
            word for one in person.complaints for word in one.split() if word in {"400", "401"}
        ]
        assert 2 == len(person.complaints), person.complaints
    assert grounds[0] != grounds[1], "light and dark are not the same"


def test_the_page_of_the_api_fits(seat, stack, resident, tmp_path):
    """It has nothing to complain about, and no line of it leaves the window."""
    for scheme, width in (("light", 1280), ("dark", 360)):
        person = seat(stack.gateway_url, color_scheme=scheme, width=width)
        person.go("/login?next=/v1/docs")
        person.log_in(resident.email, PASSWORD)
        expect(person.page.get_by_role("heading", name="API").first).to_be_visible()
        person.page.screenshot(path=tmp_path / f"{scheme}-api.png")
        assert 0 >= person.page.evaluate(TOO_WIDE)
        assert [] == person.complaints
