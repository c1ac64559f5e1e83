"""The overrides of FAB's templates stand on these originals: an upgrade that changes one must be looked at."""

import hashlib
from pathlib import Path

import flask_appbuilder
import pytest

ORIGINALS = Path(flask_appbuilder.__file__).parent / "templates/appbuilder"
OVERRIDES = Path(__file__).parents[2] / "app/templates/appbuilder"
OUR_OWN = {"general/model/delete.html"}  # FAB deletes without a question
READ = {
    "baselayout.html": "105fed33362428021ec5e86fa17a25dac8fad972b567c1cb0b3fdb3af821cf07",
    "flash.html": "a268376b17b04c6dc35908242f139183b30f40bc2f7db7a5cd327e3c9b3b4512",
    "general/lib.html": "d91fc4025d4fc213f0b3f62190af4157bf392b0db5b650fc6231fc2df98f5129",
    "general/model/add.html": "321397131fa0a95f023ca86ada387c4f88aa56049b59dc3d4a088c7df08a7290",
    "general/model/edit.html": "a10db10430c6aa9fe27f160900d700ab1a2f7443b714e0c2550acb4f66fe3a66",
    "general/model/list.html": "7c11106ff27fb6d248f340f40b533d8c8d06f70db9724a1293bc4e6b3993e597",
    "general/model/show.html": "67a574db1dc124a2216ff7a685718044bfe0f78f85d67116915e09aee522a1ea",
    "general/widgets/form.html": "640a41d53d00a1841584ccd0fcc29e517d664e869b9505b9d7836f9da04b51ce",
    "general/widgets/list.html": "2a0fad48fe42239c756dbc963dcefa3cba1181c6d699378bc811dd081ebdb662",
    "general/widgets/search.html": "36c988fa2af397d9471690521224384abc13a4156b3bc744459f59ba7c7471c0",
    "general/widgets/show.html": "babd5b80d4e383c4a0a2a6d535f3aaf17285eb4e9d76e1bbf8f0cfe85586358a",
    "init.html": "63cd58ec542d996fa33839b677cbe2c089da35a0085222ad01b2bfcb8a119cb8",
    "navbar.html": "140e7b7ef55a8b66b8adfa25bec7703fb07ad4ffc6c9f2e374e1f2914744de07",
    "navbar_menu.html": "c80d05552fa166cfb60a766f857def9b6d602b8983c8fbc9dc50c9c29fb0ca1c",
    "navbar_right.html": "0a7b39c996f2f3a1e425e9cc811c1a6c1bdc1aa34d2dc792aa10084e654bd4b8",
    "swagger/swagger.html": "47c3a0a0f542150036db2c7ab622373eaa7aa3dde4777ae921b95b08a7e35aef",
}


@pytest.mark.parametrize("name", READ)
def test_the_original_of_an_override_is_the_one_that_was_read(name: str) -> None:
    assert hashlib.sha256((ORIGINALS / name).read_bytes()).hexdigest() == READ[name]


def test_every_override_is_listed() -> None:
    assert {str(path.relative_to(OVERRIDES)) for path in OVERRIDES.rglob("*.html")} == {*READ, *OUR_OWN}
