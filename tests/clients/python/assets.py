"""Creates, reads and revises an asset with the generated client.

The operations are found by their operation ids, whatever module (tag) the generator puts them in.
"""

import importlib
import os
import pkgutil

import mamori_client.api
from mamori_client import AuthenticatedClient, models


# Every module of the client can be imported.
modules = {
    module.name.rsplit(".", 1)[-1]: importlib.import_module(module.name)
    for module in pkgutil.walk_packages(mamori_client.api.__path__, "mamori_client.api.")
}


def call(name, *arguments, expected=200, **named):
    answer = modules[name].sync_detailed(*arguments, client=client, **named)
    if answer.status_code != expected:
        raise SystemExit(f"{name}: {answer.status_code}, expected {expected}: {answer.content.decode()}")
    return answer


client = AuthenticatedClient(base_url=os.environ["MAMORI_BASE_URL"], token=os.environ["MAMORI_TOKEN"])

department = call("list_departments", limit=1).parsed.items[0]
person = call("list_persons", limit=1).parsed.items[0]

draft = models.AssetDraft(
    business_category="営業",
    name="見積書 (Python)",
    authorized_users="営業部",
    managing_department_id=department.id,
    risk_owner_person_id=person.id,
    media=models.Media.OFFICE_PC,
    storage_location="営業担当者のPC",
    confidentiality=2,
    integrity=3,
    availability=1,
    contains_personal_data=False,
)
created = call("create_asset", body=draft, expected=201).parsed
assert isinstance(created, models.Asset), created

answer = call("get_asset", created.id)
read = answer.parsed
assert read == created, (read, created)
assert (read.name, read.media, read.importance) == (draft.name, models.Media.OFFICE_PC, 3), read
assert read.managing_department.id == department.id, read

patch = models.AssetPatch(remarks="過去3年分")
revised = call("revise_asset", created.id, body=patch, if_match=answer.headers["etag"]).parsed
assert (revised.remarks, revised.name) == (patch.remarks, draft.name), revised

refused = call("revise_asset", created.id, body=patch, if_match=answer.headers["etag"], expected=412).parsed
assert isinstance(refused, models.Problem), refused
# Page by page, until the list shows it.
page = call("list_assets", limit=100).parsed
while created.id not in {asset.id for asset in page.items}:
    assert page.next_, "the asset is not listed"
    page = call("list_assets", limit=100, cursor=page.next_).parsed
print(f"created, read and revised asset {created.id}; a stale revision is refused as {refused.code}")
