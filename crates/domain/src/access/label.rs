//! What to show for the rows of the permission matrix.

use super::Resource;
use crate::kernel::label::{Label, Labelled, label};

impl Labelled for Resource {
    const NAME: &'static str = "resource";

    fn label(&self) -> Label {
        match self {
            Self::Organization => label("組織", "organization"),
            Self::Department => label("部門", "department"),
            Self::Position => label("役職", "position"),
            Self::Person => label("従業者", "person"),
            Self::Appointment => label("任命", "appointment"),
            Self::Principal => label("ログイン", "principal"),
            Self::OwnAccess => label("自分のアクセス", "own access"),
            Self::Catalog => label("カタログ", "catalog"),
            Self::Event => label("イベント", "event"),
            Self::IncidentCase => label("インシデント事例", "incident case"),
            Self::Regulation => label("規程", "regulation"),
            Self::Backup => label("バックアップ", "backup"),
            Self::ContextIssue => label("外部及び内部の課題", "external and internal issue"),
            Self::InterestedParty => label("利害関係者", "interested party"),
            Self::ContextAction => label("リスク及び機会への取組み", "action on risks and opportunities"),
            Self::ContextReview => label("組織の状況の見直し", "review of the context"),
            Self::Scope => label("適用範囲", "scope"),
            Self::EntryLog => label("入退室記録", "entry log"),
            Self::LeadershipCommitment => label("コミットメント", "leadership commitment"),
            Self::Policy => label("情報セキュリティ方針", "information security policy"),
            Self::Asset => label("情報資産", "information asset"),
            Self::RiskCriteria => label("リスク基準", "risk criteria"),
            Self::Risk => label("リスク", "risk"),
            Self::TreatmentDecision => label("リスク対応の決定", "treatment decision"),
            Self::RiskAcceptance => label("リスクの受容", "risk acceptance"),
            Self::TreatmentItem => label("リスク対応計画の項目", "treatment item"),
            Self::StatementOfApplicability => label("適用宣言書", "statement of applicability"),
            Self::Objective => label("情報セキュリティ目的", "information security objective"),
            Self::PlannedChange => label("変更の計画", "planned change"),
            Self::Resources => label("資源", "resources"),
            Self::CompetenceRequirement => label("必要な力量", "competence requirement"),
            Self::CompetenceCheck => label("力量確認", "competence check"),
            Self::EducationPlan => label("教育計画", "education plan"),
            Self::Test => label("理解度確認テスト", "comprehension test"),
            Self::TestAttempt => label("受験", "test attempt"),
            Self::TrainingRecord => label("教育実施記録", "training record"),
            Self::Acknowledgement => label("確認・認識", "acknowledgement"),
            Self::Communication => label("コミュニケーション", "communication"),
            Self::Document => label("文書", "document"),
            Self::RetentionRule => label("保存期間", "retention rules"),
            Self::Disposal => label("廃棄・消去", "disposals"),
            Self::AnnualPlan => label("年間計画", "annual plan"),
            Self::Account => label("アカウント", "account"),
            Self::TakeOut => label("社外持ち出し", "take-out"),
            Self::IncidentNotice => label("インシデント連絡", "incident notice"),
            Self::Supplier => label("供給者", "supplier"),
            Self::Measurement => label("測定", "measurement"),
            Self::Audit => label("内部監査", "internal audit"),
            Self::AuditChecklist => label("監査チェックリスト", "audit checklist"),
            Self::Finding => label("指摘事項", "finding"),
            Self::InterestedPartyFeedback => label("利害関係者からのフィードバック", "feedback of interested parties"),
            Self::ManagementReview => label("マネジメントレビュー", "management review"),
            Self::ReviewAction => label("マネジメントレビューの指示事項", "instruction of a management review"),
            Self::CorrectiveActionRequest => label("是正処置の要求", "corrective action request"),
            Self::CorrectiveActionResponse => label("是正処置の回答", "corrective action response"),
            Self::CorrectiveActionVerification => label("是正処置の確認", "corrective action verification"),
        }
    }
}
