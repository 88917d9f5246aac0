"""A picture in the real page: by every road it may come, small when it travels, and cropped."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.axe import assert_accessible
from tests.browser.shots import shoot
from tests.browser.storefront import SEARCH, Storefront, as_jpeg, file, photo_of, storefront
from tests.e2e.running import RunningShop
from tests.photos import noisy_jpeg

CARRY = """(stage, {type, picture, name}) => {
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  const kind = name.endsWith("jpg") ? "image/jpeg" : "text/plain";
  data.items.add(new File([bytes], name, {type: kind}));
  const manner = {bubbles: true, composed: true, cancelable: true};
  const event = type === "paste"
    ? new ClipboardEvent(type, {clipboardData: data, ...manner})
    : new DragEvent(type, {dataTransfer: data, ...manner});
  return stage.dispatchEvent(event);
}"""
"""As the browser does it, where the data comes from outside; false where the page takes it."""


DRAG = """(box) => {
  const data = new DataTransfer();
  data.items.add(new File([], "seen.jpg", {type: "image/jpeg"}));
  const manner = {dataTransfer: data, bubbles: true, composed: true, cancelable: true};
  window.drag = setInterval(() => box.dispatchEvent(new DragEvent("dragover", manner)), 50);
}"""
"""A drag says every moment that it goes on."""


def carry(front: Storefront, type: str, picture: bytes, name: str = "seen.jpg") -> bool:
    told = {"type": type, "picture": base64.b64encode(picture).decode(), "name": name}
    return bool(front.page.locator("likeness-search .box").evaluate(CARRY, told))


@pytest.fixture(scope="module")
def seen(demo: RunningShop) -> tuple[str, bytes]:
    """A product's name, and its photo."""
    product_id, product = next(
        (i, one) for i, one in sorted(demo.catalogue().items()) if i.startswith("handbag")
    )
    return product["name"], as_jpeg(photo_of(demo, product_id))


def test_a_picture_is_chosen_from_the_shoppers_files(
    browser: Browser, demo: RunningShop, seen: tuple[str, bytes]
) -> None:
    name, picture = seen
    with storefront(browser, demo) as front:
        front.choose(picture)
        assert front.names()[0] == name
        expect(front.stage).to_be_visible()
        shoot(front.page, "picture")
        front.page.get_by_role("button", name="Remove the picture").click()
        expect(front.stage).to_be_hidden()
        assert len(front.names()) == 24
        front.choose(picture)  # the same file, once more


def test_a_picture_is_pasted(browser: Browser, demo: RunningShop, seen: tuple[str, bytes]) -> None:
    name, picture = seen
    with storefront(browser, demo) as front:
        assert not carry(front, "paste", picture)
        expect(front.heading).to_have_text("Like your picture")
        assert front.names()[0] == name


def test_a_picture_is_dropped_where_the_page_says_so(
    browser: Browser, demo: RunningShop, seen: tuple[str, bytes]
) -> None:
    name, picture = seen
    with storefront(browser, demo) as front:
        here = front.page.get_by_text("Drop the picture here")
        expect(here).to_be_hidden()
        box = front.page.locator("likeness-search .box")
        box.evaluate(DRAG)
        expect(here).to_be_visible()
        assert not carry(front, "dragover", picture)
        front.page.evaluate("clearInterval(drag)")
        expect(here).to_be_hidden()  # the drag has gone on to elsewhere
        assert not carry(front, "drop", picture)
        expect(front.heading).to_have_text("Like your picture")
        assert front.names()[0] == name


def test_what_is_no_picture_is_refused_with_a_word(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        carry(front, "drop", b"words", "notes.txt")
        expect(front.page.get_by_role("alert")).to_contain_text("That was not a picture")
        front.chooser.set_input_files([file(b"\xff\xd8 and no more")])
        expect(front.page.get_by_role("alert")).to_contain_text("can’t be opened")
        assert_accessible(front.page)
        shoot(front.page, "refused-picture")


def test_a_large_photo_travels_small_and_upright(browser: Browser, demo: RunningShop) -> None:
    noise = Image.open(io.BytesIO(noisy_jpeg())).resize((4000, 3000))
    on_its_side = Image.Exif()
    on_its_side[0x0112] = 6  # to be turned right by a quarter
    large = as_jpeg(noise, exif=on_its_side)
    assert len(large) > 2_000_000
    with storefront(browser, demo) as front:
        with front.page.expect_request(SEARCH) as request:
            front.choose(large)
        sent = front.asked(request)["image_base64"]
        assert len(request.value.post_data_buffer or b"") < 700_000
        travelled = Image.open(io.BytesIO(base64.b64decode(sent.partition(",")[2])))
        assert (travelled.format, travelled.size) == ("JPEG", (768, 1024))
        assert not travelled.getexif()  # nor where it was taken


def test_phones_are_offered_their_camera(browser: Browser, demo: RunningShop) -> None:
    with storefront(browser, demo) as front:
        camera = front.page.locator("label.camera input")
        expect(camera).to_have_attribute("capture", "environment")
        expect(camera).to_have_attribute("accept", "image/*")
        expect(front.page.locator("label.camera")).to_be_hidden()
    with storefront(browser, demo, has_touch=True, is_mobile=True) as front:
        expect(front.page.locator("label.camera")).to_be_visible()


@pytest.fixture(scope="module")
def two_things(demo: RunningShop) -> tuple[str, str, bytes]:
    """One picture of two products side by side, and their names."""
    catalogue = demo.catalogue()
    left, right = (
        next(i for i in sorted(catalogue) if i.startswith(kind)) for kind in ("handbag", "mug")
    )
    both = Image.new("RGB", (512, 256))
    for place, product_id in enumerate((left, right)):
        both.paste(photo_of(demo, product_id).resize((256, 256)), (256 * place, 0))
    return catalogue[left]["name"], catalogue[right]["name"], as_jpeg(both)


def test_the_part_that_is_dragged_across_is_what_is_searched_for(
    browser: Browser, demo: RunningShop, two_things: tuple[str, str, bytes]
) -> None:
    left, right, picture = two_things
    with storefront(browser, demo) as front:
        front.choose(picture)
        front.settle()

        def drag(begin: tuple[float, float], end: tuple[float, float]) -> list[float]:
            box = front.stage.bounding_box()
            assert box is not None
            (x, y), (to_x, to_y) = [
                (box["x"] + box["width"] * across, box["y"] + box["height"] * down)
                for across, down in (begin, end)
            ]
            with front.page.expect_request(SEARCH) as request:
                front.page.mouse.move(x, y)
                front.page.mouse.down()
                front.page.mouse.move(to_x, to_y, steps=3)
                front.page.mouse.up()
            crop: list[float] = front.asked(request)["crop"]
            return crop

        crop = drag((0.51, 0.05), (0.95, 0.95))
        assert crop == pytest.approx([0.51, 0.05, 0.44, 0.9], abs=0.01)
        assert front.names()[0] == right
        expect(front.crop).to_be_visible()
        assert_accessible(front.page)
        shoot(front.page, "crop")
        crop = drag((0.75, 0.5), (0.28, 0.5))  # from within: the part is moved
        assert crop == pytest.approx([0.04, 0.05, 0.44, 0.9], abs=0.01)
        assert front.names()[0] == left
        crop = drag((0.48, 0.95), (0.9, 0.5))  # from a corner: it is resized
        assert crop == pytest.approx([0.04, 0.05, 0.86, 0.45], abs=0.01)
        with front.page.expect_request(SEARCH) as request:
            front.page.get_by_role("button", name="Use the whole picture").click()
        assert "crop" not in front.asked(request)
        expect(front.crop).to_be_hidden()


def test_the_part_is_moved_and_resized_by_keys(
    browser: Browser, demo: RunningShop, two_things: tuple[str, str, bytes]
) -> None:
    with storefront(browser, demo) as front:
        front.choose(two_things[2])
        front.settle()
        front.stage.focus()
        for key, crop, told in (
            ("ArrowRight", [0.2, 0.2, 0.6, 0.6], "20 to 80% across, 20 to 80% down"),
            ("ArrowRight", [0.22, 0.2, 0.6, 0.6], "22 to 82% across, 20 to 80% down"),
            ("Shift+ArrowUp", [0.22, 0.2, 0.6, 0.58], "22 to 82% across, 20 to 78% down"),
        ):
            with front.page.expect_request(SEARCH) as request:
                front.page.keyboard.press(key)
            assert front.asked(request)["crop"] == crop
            expect(front.page.locator("likeness-search .beside [role=status]")).to_have_text(told)
        with front.page.expect_request(SEARCH) as request:
            front.page.keyboard.press("Escape")
        assert "crop" not in front.asked(request)
        assert front.focused() == "div.stage"


def test_words_and_picture_are_weighed_against_each_other(
    browser: Browser, demo: RunningShop, seen: tuple[str, bytes]
) -> None:
    name, picture = seen
    with storefront(browser, demo) as front:
        front.choose(picture)
        slider = front.page.get_by_role("slider", name="Balance between words and picture")
        expect(slider).to_be_hidden()  # there is nothing to weigh yet
        front.words.fill("a mug")
        expect(front.heading).to_have_text("Like your picture and “a mug”")
        expect(slider).to_have_attribute("aria-valuetext", "50% words, 50% picture")
        front.settle()
        shoot(front.page, "picture-and-words")
        slider.focus()
        for key, weight, right in (("End", 1, name), ("Home", 0, "mug")):
            with front.page.expect_request(SEARCH) as request:
                front.page.keyboard.press(key)
            assert front.asked(request)["image_weight"] == weight
            assert right in front.names()[0]
        front.page.keyboard.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuetext", "95% words, 5% picture")
        expect(slider).to_be_focused()
        assert_accessible(front.page)


def test_a_picture_stays_when_the_shopper_goes_back_to_it(
    browser: Browser, demo: RunningShop, seen: tuple[str, bytes]
) -> None:
    name, picture = seen
    with storefront(browser, demo) as front:
        front.choose(picture)
        front.settle()
        front.page.get_by_role("button", name="Start over").click()
        expect(front.stage).to_be_hidden()
        front.page.go_back()
        expect(front.heading).to_have_text("Like your picture")
        expect(front.stage).to_be_visible()
        assert front.names()[0] == name
        front.page.reload()
        expect(front.heading).to_have_text("Like your picture")
        assert front.names()[0] == name
