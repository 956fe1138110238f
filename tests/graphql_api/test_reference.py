"""The page that describes the schema, for everybody, in the reader's language around it."""

from flask.testing import FlaskClient

from graphql_api.reference import chapters


def test_everything_the_schema_offers_stands_on_the_page_and_is_found(client: FlaskClient) -> None:
    html = client.get("/docs/api").get_data(as_text=True)
    for chapter in chapters():
        assert f'id="{chapter.section}-{chapter.name}"' in html
    found = client.get("/docs/api?q=idempotency").get_data(as_text=True)
    assert 'id="mutations-refund"' in found
    assert 'id="queries-stations"' not in found
    assert "Nichts passt." in client.get("/docs/api?q=qqqq&lang=de").get_data(as_text=True)
    assert "&lt;script" in client.get("/docs/api?q=<script>").get_data(as_text=True)


def test_changes_and_the_text_are_there(client: FlaskClient) -> None:
    assert "overview" in client.get("/docs/api/changes").get_data(as_text=True)
    assert client.get("/docs/api/schema.graphql").get_data(as_text=True).count("type Query") == 1


def test_every_root_field_says_what_it_is_for() -> None:
    silent = [chapter.name for chapter in chapters() if chapter.head and not chapter.description]
    assert silent == []
