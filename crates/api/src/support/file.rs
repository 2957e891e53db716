//! Files of records: taken in and given out by the handlers of the records that refer to them.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload as RawPayload,
    error::ErrorInternalServerError,
    http::header::{
        CONTENT_SECURITY_POLICY, CONTENT_TYPE, Charset, ContentDisposition, DispositionParam, DispositionType, ETAG,
        ExtendedValue,
    },
    web::Payload,
};
use futures_util::StreamExt;
use mamori_domain::{
    access::Governed,
    kernel::{
        refusal::{Code, Fault, Refusal},
        text::Title,
    },
    support::file::{MediaType, StoredContent, StoredFile, check_name},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::kernel::{
    permit::{Permit, verbs::Word},
    problem::Problem,
    query::Query,
};

/// What a file that is sent is called.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// The name of the file, without a path.
    #[param(min_length = 1, max_length = 200, pattern = r"^[^/\\\x00-\x1F\x7F]+$")]
    name: String,
}

/// A file on its way in: its name, what it claims to be, its bytes.
pub struct Incoming {
    /// Its name.
    pub name: Title,
    media_type: MediaType,
    bytes: Payload,
}

impl FromRequest for Incoming {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut RawPayload) -> Self::Future {
        ready(Self::of(request, payload))
    }
}

impl Incoming {
    fn of(request: &HttpRequest, payload: &mut RawPayload) -> Result<Self, Problem> {
        let unnamed = || Refusal::new(Code::MalformedQuery).at(Fault::new("name", Code::InvalidFormat));
        let query = Query::<FileQuery>::from_request(request, payload).into_inner()?;
        let name = Title::new(query.0.name).map_err(|_| unnamed())?;
        check_name(&name)?;
        let header = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = MediaType::of_header(header).ok_or(Problem::new(Code::UnsupportedMediaType))?;
        let bytes = Payload::from_request(request, payload).into_inner().map_err(|_| Problem::new(Code::Internal))?;
        Ok(Self { name, media_type, bytes })
    }

    /// Stores the bytes, before anything about them is written.
    pub async fn store<V: Word, R: Governed>(self, permit: &Permit<V, R>) -> Result<StoredContent, Problem> {
        let service = permit.service();
        let (organization, most) = (permit.caller().organization, service.settings().largest_file());
        service.files().receive(organization, self.media_type, most, self.bytes).await
    }
}

/// The bytes of a file, to be saved: never shown by a browser as a page of this service.
pub async fn deliver<V: Word, R: Governed>(permit: &Permit<V, R>, file: &StoredFile) -> Result<HttpResponse, Problem> {
    if file.erased_at.is_some() {
        return Err(Problem::new(Code::NotFound));
    }
    let bytes = permit.service().files().open(permit.caller().organization, &file.sha256).await?;
    // Whoever does not know RFC 5987 gets a plain name.
    let plain: String = file.name.chars().map(|c| if c.is_ascii() && c != '"' { c } else { '_' }).collect();
    let name =
        ExtendedValue { charset: Charset::Ext("UTF-8".into()), language_tag: None, value: file.name.clone().into() };
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(plain), DispositionParam::FilenameExt(name)],
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, file.media_type.to_string()))
        .insert_header(disposition)
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'"))
        .insert_header((ETAG, format!("\"{}\"", file.sha256)))
        .no_chunking(u64::try_from(file.size).unwrap_or_default())
        .streaming(bytes.map(|chunk| chunk.map_err(ErrorInternalServerError))))
}
