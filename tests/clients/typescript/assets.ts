// What a front end does with the generated types: list, create, read and revise an asset, and tell a problem
// from a success. Compiled with `tsc --strict`, then run against the demo service.

import type { components, paths } from "./schema.d.ts";

type Schemas = components["schemas"];
type Draft = Schemas["AssetDraft"];
type Asset = Schemas["Asset"];
type Problem = Schemas["Problem"];
type DepartmentPage = Body<"/v1/departments", "get", 200>;
type PersonPage = Body<"/v1/persons", "get", 200>;

// The JSON that an operation answers with a status.
type Body<Path extends keyof paths, Method extends keyof paths[Path], Status extends number> = paths[Path][Method] extends {
  responses: Record<Status, { content: { "application/json": infer Json } }>;
}
  ? Json
  : never;

// The types the operations promise are the named ones.
const created: (asset: Body<"/v1/assets", "post", 201>) => Asset = (asset) => asset;
const read: (asset: Body<"/v1/assets/{id}", "get", 200>) => Asset = (asset) => asset;

declare const process: { env: Record<string, string | undefined> };

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const base = setting("MAMORI_BASE_URL");
const token = setting("MAMORI_TOKEN");

async function call<Json>(method: string, path: string, expected: number, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "accept-language": "en", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: unknown = await response.json();
  if (response.status !== expected) {
    const problem = json as Problem;
    throw new Error(`${method} ${path}: ${response.status} ${problem.code}: ${JSON.stringify(json)}`);
  }
  return { json: json as Json, etag: response.headers.get("etag") };
}

function first<Row>(rows: readonly Row[], what: string): Row {
  const row = rows[0];
  if (row === undefined) throw new Error(`no ${what}`);
  return row;
}

const departments = await call<DepartmentPage>("GET", "/v1/departments?limit=1", 200);
const persons = await call<PersonPage>("GET", "/v1/persons?limit=1", 200);

const draft: Draft = {
  business_category: "営業",
  name: "見積書 (TypeScript)",
  authorized_users: "営業部",
  managing_department_id: first(departments.json.items, "department").id,
  risk_owner_person_id: first(persons.json.items, "person").id,
  media: "office_pc",
  storage_location: "営業担当者のPC",
  confidentiality: 2,
  integrity: 3,
  availability: 1,
  contains_personal_data: false,
};

const asset = created((await call<Body<"/v1/assets", "post", 201>>("POST", "/v1/assets", 201, draft)).json);
const again = await call<Body<"/v1/assets/{id}", "get", 200>>("GET", `/v1/assets/${asset.id}`, 200);
if (read(again.json).name !== draft.name) throw new Error("the asset reads differently");

const patch: Schemas["AssetPatch"] = { remarks: "過去3年分" };
const etag = again.etag;
if (etag === null) throw new Error("no ETag");
const revised = await call<Asset>("PATCH", `/v1/assets/${asset.id}`, 200, patch, {
  "if-match": etag,
  "content-type": "application/merge-patch+json",
});
if (revised.json.remarks !== patch.remarks) throw new Error("the remarks were not revised");

const refused = await call<Problem>("PATCH", `/v1/assets/${asset.id}`, 412, patch, { "if-match": etag });
console.log(`created, read and revised asset ${asset.id}; a stale revision is refused as ${refused.json.code}`);
