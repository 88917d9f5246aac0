"""A photo that is too large for a request, in the page: it goes straight to where photos are kept,
and nobody notices. Something in front of the API refuses large bodies here, as a proxy may.

Of S3, moto plays the part, which answers pages of every origin; that the stack's bucket does is
told in tests/integration/test_template.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.aws import REGION, LocalAws
from tests.aws_bucket import BUCKET
from tests.browser.shots import shoot
from tests.browser.storefront import SEARCH, Storefront, file
from tests.browser.visit import at, visit
from tests.e2e.running import RunningShop, running_shop
from tests.photos import jpeg

COUNT = 5
TOO_LARGE = "<html><h1>413 Request Entity Too Large</h1></html>"
REFUSED = "status of 413"


@pytest.fixture(scope="module", params=["folder", "s3"])
def shop(
    browser: Browser, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningShop]:
    settings: dict[str, str] = {}
    if request.param == "s3":
        aws: LocalAws = request.getfixturevalue("aws_server")
        aws.reset()
        place = {"LocationConstraint": REGION}
        aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        settings = aws.environment() | {"IMAGE_BUCKET": BUCKET}
    with ExitStack() as closing:
        data = tmp_path_factory.mktemp("shop") / "data"
        shop = closing.enter_context(running_shop(data, **settings))
        for number in range(COUNT):
            put_product(shop, number)
        yield shop


def put_product(shop: RunningShop, number: int) -> None:
    fields = {"product_id": f"p{number}", "name": f"Thing {number}"}
    files = {"image_file": jpeg(number)}
    shop.client.post("/index-product-with-image", data=fields, files=files).raise_for_status()


def refuse_photos(page: Page) -> None:
    def refuse(route: Route) -> None:
        if "image_base64" in (route.request.post_data or ""):
            route.fulfill(status=413, content_type="text/html", body=TOO_LARGE)
        else:
            route.continue_()

    page.route(SEARCH, refuse)


def test_it_is_searched_with_and_products_photos_are_shown(
    browser: Browser, shop: RunningShop
) -> None:
    with visit(browser, at(shop, "/"), [REFUSED, "is elsewhere"]) as page:
        refuse_photos(page)
        front = Storefront(page)
        with page.expect_request(lambda request: request.method == "PUT") as put:
            front.choose(jpeg(3))
        assert put.value.response().status == 200  # type: ignore[union-attr]
        assert front.names()[0] == "Thing 3"
        drawn = "picture => picture.decode().then(() => picture.naturalWidth)"
        assert front.cards.first.locator("img").evaluate(drawn) == 160
        with page.expect_request(SEARCH) as again:  # it is there already
            front.words.fill("thing")
        assert "upload_id" in front.asked(again)
        expect(front.heading).to_have_text("Like your picture and “thing”")


def test_where_it_cant_be_put_the_shopper_is_told_what_to_do(
    browser: Browser, shop: RunningShop
) -> None:
    forgiven = [REFUSED, "is elsewhere", "net::ERR_FAILED", " failed"]
    with visit(browser, at(shop, "/"), forgiven) as page:
        refuse_photos(page)

        def cut(route: Route) -> None:
            if route.request.method == "PUT":
                route.abort()
            else:
                route.continue_()

        page.route("**/uploads/**", cut)
        front = Storefront(page)
        front.chooser.set_input_files([file(jpeg(3))])
        message = page.locator("likeness-search .message")
        expect(message).to_contain_text("This picture is too large")
        expect(message).to_contain_text("Try a smaller copy, or a screenshot of it.")
        expect(message).to_have_role("alert")
        shoot(page, "too-large")
        page.unroute("**/uploads/**")
        message.get_by_role("button", name="Try again").click()
        expect(front.heading).to_have_text("Like your picture")
        assert front.names()[0] == "Thing 3"
