//! Files of documents (7.5.3): streamed, checked, kept, given out to be saved.

use serde_json::json;

use crate::{
    harness::{Reply, World, on_both},
    planning::steps::{SECRETARY, create, read, take},
};

const CHAIR: &str = "石田 洋子";
const CONTROLLER: &str = "清水 彩";
const WORKER: &str = "高橋 花";
/// A file, and its SHA-256.
const PDF: &[u8] = b"%PDF-1.7";
const PDF_SHA256: &str = "86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b";
const LARGEST: usize = 20 << 20;

/// The path of a fresh draft without a place.
async fn draft(world: &World) -> String {
    let document = json!({ "kind": "procedure", "title": "来客の迎え方" });
    let document = create(world, SECRETARY, "/v1/documents", document).await.expect(201).id();
    let draft = json!({ "document_id": document, "change_reason": "初版" });
    create(world, SECRETARY, "/v1/document-versions", draft).await.expect(201).header("location")
}

/// Sends a file to the draft at `path`, having read it.
async fn send(world: &World, path: &str, name: &str, media: &str, bytes: impl Into<Vec<u8>>) -> Reply {
    let read = world.get(path).person(SECRETARY).send().await.expect(200);
    let ask = world.post(format!("{path}/file?name={name}")).person(SECRETARY).having_read(&read);
    ask.bytes(media, bytes).send().await
}

#[actix_web::test]
async fn a_file_comes_back_as_it_was_sent() {
    on_both(|world| async move {
        let path = draft(&world).await;
        world.get(format!("{path}/file")).person(SECRETARY).send().await.expect(404);
        let sent = send(&world, &path, "手順 1.pdf".replace(' ', "%20").as_str(), "application/pdf", PDF).await;
        let sent = sent.expect(200).json();
        let file = &sent["file"];
        assert_eq!(
            (&file["name"], &file["media_type"], &file["size"]),
            (&json!("手順 1.pdf"), &json!("application/pdf"), &json!(8))
        );
        assert_eq!(file["sha256"], PDF_SHA256);
        let got = world.get(format!("{path}/file")).person(SECRETARY).send().await.expect(200);
        assert_eq!(got.bytes, PDF);
        assert_eq!(got.header("content-type"), "application/pdf");
        assert_eq!(got.header("etag"), format!("\"{PDF_SHA256}\""));
        let disposition = got.header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\"__ 1.pdf\""), "{disposition}");
        assert!(disposition.contains("filename*=UTF-8''%E6%89%8B%E9%A0%86%201.pdf"), "{disposition}");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(got.header("content-security-policy").starts_with("sandbox"));
        let known = world.get(format!("{path}/file")).person(SECRETARY).header("if-none-match", got.header("etag"));
        assert_eq!(known.send().await.expect(304).bytes.len(), 0);

        // A second file takes the place of the first; once handed in it stays.
        let text = "# 手順\n1. 迎える\n";
        send(&world, &path, "a.md", "text/markdown; charset=utf-8", text).await.expect(200);
        let got = world.get(format!("{path}/file")).person(SECRETARY).send().await.expect(200);
        assert_eq!(got.bytes, text.as_bytes());
        take(&world, SECRETARY, &path, "submission", serde_json::Value::Null).await.expect(200);
        let late = send(&world, &path, "b.md", "text/markdown", "別").await.expect(409);
        assert_eq!((late.code().as_str(), &late.json()["rule"]), ("wrong_state", &json!("SD-12")));

        // Workers get it when it is published, with the entry of the register.
        world.get(format!("{path}/file")).person(WORKER).send().await.expect(404);
        take(&world, CHAIR, &path, "approval", json!({})).await.expect(200);
        let publication = json!({ "issued_on": "2024-04-01", "next_review_on": "2025-04-01" });
        take(&world, CONTROLLER, &path, "publication", publication).await.expect(200);
        let got = world.get(format!("{path}/file")).person(WORKER).send().await.expect(200);
        assert_eq!(got.bytes, text.as_bytes());
        // Another organization does not know it.
        world.get(format!("{path}/file")).person("林 一郎").send().await.expect(404);
        let other = world.post(format!("{path}/file?name=x.md")).person("林 一郎").bytes("text/markdown", "x");
        other.send().await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn a_file_is_what_it_claims_to_be_and_not_too_large() {
    on_both(|world| async move {
        let path = draft(&world).await;
        for (media, bytes) in [
            ("application/pdf", &b"<html><script>alert(1)</script>"[..]),
            ("image/png", PDF),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03\x04 nothing"),
            ("text/plain", b"MZ\x00\x01"),
            ("text/csv", b""),
        ] {
            let refused = send(&world, &path, "x", media, bytes).await.expect(422);
            assert_eq!(refused.code(), "malformed_file", "{media}");
        }
        for media in ["text/html", "image/svg+xml", "application/octet-stream", ""] {
            let refused = send(&world, &path, "x", media, "x").await.expect(415);
            assert_eq!(refused.code(), "unsupported_media_type", "{media}");
        }
        for name in ["", "..%2Fx", "a%5Cb", "a%0Ab"] {
            assert_eq!(send(&world, &path, name, "text/plain", "x").await.expect(400).code(), "malformed_query");
        }
        let most = send(&world, &path, "x", "text/plain", vec![b'x'; LARGEST]).await.expect(200);
        assert_eq!(most.json()["file"]["size"], LARGEST);
        let refused = send(&world, &path, "x", "text/plain", vec![b'x'; LARGEST + 1]).await.expect(413);
        assert_eq!(refused.code(), "body_too_large");
        assert_eq!(read(&world, SECRETARY, &path).await["file"]["size"], LARGEST, "what was refused changed nothing");
        let got = world.get(format!("{path}/file")).person(SECRETARY).send().await.expect(200);
        assert_eq!((got.bytes.len(), got.header("content-length")), (LARGEST, LARGEST.to_string()));
    })
    .await;
}

#[actix_web::test]
async fn a_file_is_sent_once_under_one_key() {
    on_both(|world| async move {
        let path = draft(&world).await;
        let read = world.get(&*path).person(SECRETARY).send().await.expect(200);
        let ask = |bytes: &str| {
            let ask = world.post(format!("{path}/file?name=a.txt")).person(SECRETARY).having_read(&read);
            ask.header("idempotency-key", "file-1").bytes("text/plain", bytes)
        };
        let unread = world.post(format!("{path}/file?name=a.txt")).person(SECRETARY).bytes("text/plain", "x");
        assert_eq!(unread.send().await.expect(428).code(), "precondition_required");
        let first = ask("一").send().await.expect(200);
        let again = ask("一").send().await.expect(200);
        assert_eq!((again.header("idempotency-replayed").as_str(), again.bytes), ("true", first.bytes));
        assert_eq!(ask("二").send().await.expect(422).code(), "idempotency_key_reused");
        let other = world.post(format!("{path}/file?name=a.txt")).person(WORKER).bytes("text/plain", "x");
        assert_eq!(other.send().await.expect(403).code(), "not_granted");
    })
    .await;
}

#[actix_web::test]
async fn the_sample_has_a_file() {
    on_both(|world| async move {
        let documents = read(&world, WORKER, "/v1/documents?kind=procedure").await;
        let id = documents["items"][0]["published"]["id"].as_str().expect("a version").to_owned();
        let got = world.get(format!("/v1/document-versions/{id}/file")).person(WORKER).send().await.expect(200);
        assert!(String::from_utf8_lossy(&got.bytes).starts_with("# 在宅勤務の手順"));
        assert_eq!(got.header("content-type"), "text/markdown");
    })
    .await;
}
