//! Where a request can go. `table` has the way to each.

use crate::domain::ids::AccountId;

mod table;

pub use table::{Row, TABLE};

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `GET /healthz`
    Health,
    /// `POST /hooks/lever/{account}`
    LeverHook(AccountId),
    /// `POST /hooks/qualified/{account}/{secret}`
    QualifiedHook(AccountId, String),
    /// For people's browsers.
    Browser(BrowserRoute),
    /// For the operator's programs: wants the admin token.
    Operator(OperatorRoute),
}

/// Routes for people's browsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrowserRoute {
    /// `GET /`
    Root,
    /// `GET /style.css`
    Style,
    /// `GET /page.js`
    Script,
    /// `GET /sign-in`
    SignIn,
    /// `POST /sign-in`
    Enter,
    /// `POST /sign-out`
    SignOut,
    /// `GET /lever/callback`
    LeverCallback,
    /// `GET /bamboohr/callback`
    BambooHrCallback,
    /// `GET /integrations`
    Accounts,
    /// `POST /integrations`
    CreateAccount,
    /// `/integrations/{account}…`
    Account(AccountId, AccountRoute),
}

/// Routes below `/integrations/{account}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountRoute {
    /// `GET` of the account itself: its set-up.
    Setup,
    /// `POST …/check`
    Check,
    /// `POST …/qualified`
    ConnectQualified,
    /// `POST …/qualified/remove`
    RemoveQualified,
    /// `POST …/lever/login`
    LeverLogin,
    /// `POST …/lever/remove`
    RemoveLever,
    /// `POST …/lever/signature-token`
    SignatureToken,
    /// `GET …/lever/stages`: the form, with Lever's stages.
    StageForm,
    /// `POST …/lever/stages`
    PutStage,
    /// `POST …/lever/stages/remove`
    RemoveStage,
    /// `GET …/lever/stages/{stage}`: whom it invites.
    Stage(String),
    /// `POST …/bamboohr`
    ConnectBambooHr,
    /// `POST …/bamboohr/login`
    BambooHrLogin,
    /// `POST …/bamboohr/remove`
    RemoveBambooHr,
    /// `GET …/bamboohr/assessments`: the form, with BambooHR's jobs and statuses.
    MappingForm,
    /// `POST …/bamboohr/assessments`
    PutMapping,
    /// `POST …/bamboohr/assessments/remove`
    RemoveMapping,
    /// `GET …/tags`
    Tags,
    /// `POST …/tags`: what would happen?
    Preview,
    /// `GET …/activity`
    Activity,
    /// `POST …/activity/{id}/replay`
    Replay(String),
    /// `POST …/activity/replay`
    ReplayFailed,
}

/// Routes of the operator API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorRoute {
    /// `PUT /api/accounts/{account}`
    PutAccount(AccountId),
    /// `GET /api/accounts/{account}`
    GetAccount(AccountId),
    /// `DELETE /api/accounts/{account}`
    DeleteAccount(AccountId),
    /// `PUT …/qualified`
    ConnectQualified(AccountId),
    /// `DELETE …/qualified`
    DisconnectQualified(AccountId),
    /// `GET …/assessments`
    Assessments(AccountId),
    /// `POST …/lever/login`
    LeverLogin(AccountId),
    /// `DELETE …/lever`
    DisconnectLever(AccountId),
    /// `GET …/lever/stages`
    LeverStages(AccountId),
    /// `PUT …/lever/trigger-stages/{stage}`
    PutTriggerStage(AccountId, String),
    /// `DELETE …/lever/trigger-stages/{stage}`
    DeleteTriggerStage(AccountId, String),
    /// `PUT …/lever/signature-token`
    SignatureToken(AccountId),
    /// `PUT …/bamboohr`
    ConnectBambooHr(AccountId),
    /// `DELETE …/bamboohr`
    DisconnectBambooHr(AccountId),
    /// `POST …/bamboohr/login`
    BambooHrLogin(AccountId),
    /// `GET …/bamboohr/jobs`
    BambooHrJobs(AccountId),
    /// `GET …/bamboohr/statuses`
    BambooHrStatuses(AccountId),
    /// `PUT …/bamboohr/assessments/{assessment}`
    PutMapping(AccountId, String),
    /// `DELETE …/bamboohr/assessments/{assessment}`
    DeleteMapping(AccountId, String),
    /// `GET …/activity`
    Activity(AccountId),
    /// `POST …/activity/{id}/replay`
    Replay(AccountId, String),
    /// `POST /sync`
    Sync,
}

/// Why a request goes nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unroutable {
    /// There is nothing at this path.
    NotFound,
    /// There is, but not for this method.
    MethodNotAllowed {
        /// For the `Allow` header.
        allow: String,
    },
}
