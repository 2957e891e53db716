//! Problem documents (RFC 9457): every refusal with its status and its message in the caller's language.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ACCEPT_LANGUAGE, ALLOW, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use mamori_domain::kernel::refusal::{Code, Fault, Params, Refusal};
use mamori_persistence::kernel::failure::Failure;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A request that was not carried out, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Identifies the kind of problem: `urn:mamori:problem:<code>`.
    #[serde(rename = "type")]
    #[schema(pattern = "^urn:mamori:problem:[a-z_]+$")]
    pub kind: String,
    /// The kind of problem, in the caller's language.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// Why; never renamed.
    pub code: Code,
    /// What is wrong this time, in the caller's language.
    pub detail: String,
    /// Finds the request in the log.
    pub request_id: String,
    /// The rule that said no, such as `R-10` or `SD-4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, extensions(("x-may-lack" = json!(true))))]
    pub rule: Option<String>,
    /// Details for programs.
    #[schema(value_type = Object, additional_properties)]
    pub params: Params,
    /// Every faulty field.
    pub errors: Vec<FieldProblem>,
}

/// One faulty field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON pointer into the body, or the name of a parameter or header.
    pub pointer: String,
    /// What is wrong there.
    pub code: Code,
    /// The same, in the caller's language.
    pub message: String,
    /// Details for programs.
    #[schema(value_type = Object, additional_properties)]
    pub params: Params,
}

/// A handler's error: a refusal, or a fault that has been logged.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Problem(pub Refusal);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl From<Failure> for Problem {
    /// A fault is logged here, once, and nothing of it leaves.
    fn from(failure: Failure) -> Self {
        Self(match failure {
            Failure::Refused(refusal) => *refusal,
            Failure::Overloaded => Refusal::new(Code::Overloaded),
            Failure::Unavailable(why) | Failure::InDoubt(why) => {
                tracing::error!(%why, "the database is not available");
                Refusal::new(Code::Unavailable)
            }
            fault if fault.is_collision() => {
                tracing::warn!("a transaction collided too often");
                Refusal::new(Code::Overloaded)
            }
            fault => {
                tracing::error!(%fault, "a request failed");
                Refusal::new(Code::Internal)
            }
        })
    }
}

impl Problem {
    /// A problem with nothing but its code.
    pub fn new(code: Code) -> Self {
        Self(Refusal::new(code))
    }

    /// The response to `request`.
    pub fn respond(&self, language: Language, request_id: &str) -> HttpResponse {
        let Refusal { code, rule, params, errors } = &self.0;
        let status = status(*code);
        let mut response = HttpResponse::build(status);
        response.insert_header((HeaderName::from_static("content-language"), language.tag()));
        match status {
            StatusCode::UNAUTHORIZED => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"mamori\", error=\"invalid_token\""));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                let seconds = params.get("retry_after").and_then(serde_json::Value::as_u64).unwrap_or(1);
                response.insert_header((RETRY_AFTER, seconds));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                if let Some(allow) = params.get("allow").and_then(serde_json::Value::as_str) {
                    response.insert_header((ALLOW, allow));
                }
            }
            _ => {}
        }
        let field = |fault: &Fault| FieldProblem {
            pointer: fault.pointer.clone(),
            code: fault.code,
            message: message(fault.code, language).to_owned(),
            params: fault.params.clone(),
        };
        let document = ProblemDocument {
            kind: format!("urn:mamori:problem:{code}"),
            title: message(*code, language).to_owned(),
            status: status.as_u16(),
            code: *code,
            detail: detail(&self.0, language),
            request_id: request_id.to_owned(),
            rule: rule.map(ToOwned::to_owned),
            params: params.clone(),
            errors: errors.iter().map(field).collect(),
        };
        response.content_type(PROBLEM_JSON).json(document)
    }
}

/// Rendered by the gate, which knows language and request id; this is only what a framework error would show.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(self.0.code)
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(Language::Ja, "")
    }
}

/// The language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Japanese, the default.
    Ja,
    /// English.
    En,
}

impl Language {
    /// The better one of the two by `Accept-Language`; Japanese where neither is preferred.
    pub fn of(request: &HttpRequest) -> Self {
        let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let weight = |tag: &str| {
            header
                .split(',')
                .filter_map(|part| {
                    let mut pieces = part.split(';').map(str::trim);
                    let primary = pieces.next()?.split('-').next()?.to_ascii_lowercase();
                    let q = pieces.find_map(|piece| piece.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
                    (primary == tag).then_some(q)
                })
                .fold(0.0, f32::max)
        };
        if weight("en") > weight("ja") { Self::En } else { Self::Ja }
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

/// The HTTP status of a code.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::MalformedBody
        | Code::MalformedPath
        | Code::MalformedQuery
        | Code::UnknownParameter
        | Code::MalformedCursor
        | Code::MalformedHeader => StatusCode::BAD_REQUEST,
        Code::UnknownPath | Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Unauthenticated | Code::WrongCredentials | Code::TokenReused => StatusCode::UNAUTHORIZED,
        Code::LockedOut | Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Code::NotGranted | Code::OutOfScope | Code::OutsideReach | Code::DutySeparated => StatusCode::FORBIDDEN,
        Code::MalformedFile
        | Code::Required
        | Code::WrongType
        | Code::UnknownField
        | Code::ReadOnlyField
        | Code::TooShort
        | Code::TooLong
        | Code::OutOfRange
        | Code::InvalidFormat
        | Code::NotInList
        | Code::Duplicate
        | Code::UnknownReference
        | Code::ExactlyOne
        | Code::DateOrder
        | Code::FutureDate
        | Code::Contradiction
        | Code::RowsRefused
        | Code::WeakPassword
        | Code::RequiredHere
        | Code::IdempotencyKeyReused
        | Code::LinkSpent
        | Code::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Stale => StatusCode::PRECONDITION_FAILED,
        Code::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Code::WrongState
        | Code::NotReady
        | Code::AlreadyExists
        | Code::InUse
        | Code::RuleViolated
        | Code::AlreadySetUp => StatusCode::CONFLICT,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Overloaded | Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The message with the rule and the particulars that a person needs.
fn detail(refusal: &Refusal, language: Language) -> String {
    let mut text = message(refusal.code, language).to_owned();
    if let Some(rule) = refusal.rule {
        text = format!("{text} [{rule}]");
    }
    if let Some(state) = refusal.params.get("state").and_then(serde_json::Value::as_str) {
        text = match language {
            Language::Ja => format!("{text}（現在の状態: {state}）"),
            Language::En => format!("{text} (state: {state})"),
        };
    }
    text
}

/// What a code says.
pub fn message(code: Code, language: Language) -> &'static str {
    let (ja, en) = match code {
        Code::MalformedBody => ("本文がJSONとして読めません", "The body is not readable as JSON"),
        Code::MalformedPath => ("パスのIDが正しくありません", "A path parameter is not an id"),
        Code::MalformedQuery => ("クエリパラメータの値が正しくありません", "A query parameter is not of its type"),
        Code::UnknownParameter => ("このクエリパラメータはありません", "There is no such query parameter"),
        Code::MalformedCursor => ("カーソルまたは件数が正しくありません", "The cursor or the limit is not valid"),
        Code::MalformedHeader => ("ヘッダーの値が正しくありません", "A header is not of its form"),
        Code::MalformedFile => {
            ("ファイルがその形式のものとして読めません", "The file is not readable as what it claims to be")
        }
        Code::UnknownPath => ("このパスはありません", "There is no such path"),
        Code::MethodNotAllowed => ("このメソッドは使えません", "The method is not allowed here"),
        Code::NotAcceptable => ("求められた形式では返せません", "No acceptable media type can be answered"),
        Code::UnsupportedMediaType => ("この形式の本文は受け付けません", "The media type of the body is not supported"),
        Code::BodyTooLarge => ("本文が大きすぎます", "The body is too large"),
        Code::Unauthenticated => ("認証が必要です", "A valid credential is required"),
        Code::WrongCredentials => (
            "メールアドレスまたはパスワードが違うか、失敗が続いたためしばらくログインできません",
            "E-mail address or password is wrong, or the login is locked for a while after several failures",
        ),
        Code::LockedOut => {
            ("ログインの失敗が続いたため、しばらく待ってください", "Too many failed logins; wait a while")
        }
        Code::TokenReused => (
            "使用済みのトークンです。セッションを終了しました",
            "The token was used before; the session has been ended",
        ),
        Code::NotGranted => ("この操作の権限がありません", "No role grants this operation"),
        Code::OutOfScope => ("このトークンの範囲外の操作です", "The token does not have this scope"),
        Code::OutsideReach => ("権限の及ぶ範囲の外です", "The record lies outside what you may write"),
        Code::DutySeparated => {
            ("職務の分離により、この人は行えません", "Separation of duties forbids this person the step")
        }
        Code::TooManyRequests => ("リクエストが多すぎます", "Too many requests"),
        Code::Required => ("必須です", "Required"),
        Code::WrongType => ("型が違います", "Not of the right type"),
        Code::UnknownField => ("この項目はありません", "There is no such field"),
        Code::ReadOnlyField => ("この項目は書き込めません", "The field is read-only"),
        Code::TooShort => ("短すぎるか、少なすぎます", "Too short or too few"),
        Code::TooLong => ("長すぎるか、多すぎます", "Too long or too many"),
        Code::OutOfRange => ("範囲の外です", "Out of range"),
        Code::InvalidFormat => ("形式が正しくありません", "Not in the right form"),
        Code::NotInList => ("選択肢にありません", "Not one of the list"),
        Code::Duplicate => ("重複しています", "Stands twice"),
        Code::UnknownReference => ("参照先がありません", "The record referred to does not exist"),
        Code::ExactlyOne => ("どちらか一つだけを指定してください", "Give exactly one of the two"),
        Code::DateOrder => ("日付の前後が逆です", "The dates are in the wrong order"),
        Code::FutureDate => ("未来の日付にはできません", "The date lies in the future"),
        Code::Contradiction => ("他の値と矛盾しています", "Contradicts another value"),
        Code::RowsRefused => ("取り込めない行があります", "Some rows were refused"),
        Code::WeakPassword => {
            ("パスワードが弱すぎます（12文字以上）", "The password is too weak (at least 12 characters)")
        }
        Code::RequiredHere => ("この場合は必須です", "Required in this case"),
        Code::IdempotencyKeyReused => {
            ("このIdempotency-Keyは別の内容で使われています", "The Idempotency-Key came with another request")
        }
        Code::Invalid => ("内容に誤りがあります", "The body breaks one or more rules"),
        Code::NotFound => ("見つかりません", "Not found"),
        Code::Stale => ("読み取った後に変更されています", "The record changed since it was read"),
        Code::PreconditionRequired => ("If-Matchが必要です", "If-Match is required"),
        Code::WrongState => ("今の状態ではできません", "The state of the record does not allow this step"),
        Code::NotReady => ("この手続きに必要な内容が揃っていません", "The record lacks what this step needs"),
        Code::AlreadyExists => ("すでに存在します", "Already exists"),
        Code::InUse => ("他から参照されています", "Other records refer to it"),
        Code::RuleViolated => ("規則に反します", "A rule forbids it"),
        Code::AlreadySetUp => ("初期設定は済んでいます", "Setup is over"),
        Code::LinkSpent => ("リンクは使用済みか期限切れです", "The link was used or has expired"),
        Code::Internal => ("内部でエラーが発生しました", "Something went wrong here"),
        Code::Overloaded => ("混み合っています。しばらくして再試行してください", "Too much work now; try again soon"),
        Code::Unavailable => ("データの保管先に接続できません", "What the data is kept in cannot be reached now"),
    };
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}
