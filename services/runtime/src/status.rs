//! The single place where failures become gRPC statuses.
//!
//! Refused by the rules is an outcome and never comes here: it has status OK (surface.md section 2). What
//! comes here never became an entry, or its outcome isn't known. Each status carries a stable reason in
//! `google.rpc.ErrorInfo`, and what a client can act on: every violation, a delay, the command id.

use std::{collections::HashMap, time::Duration};

use granary_book::wire::Violations;
use granary_proto::statement::v1 as pb;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::{door::Failure, sequence::AppendError};

/// The domain of our reasons.
const DOMAIN: &str = "granary";

/// How long a client waits before it sends again into a full queue.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// Everything wrong with a request, so that a caller mends it once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct BadRequest(Vec<(String, String)>);

impl BadRequest {
    /// Adds a violation.
    pub fn push(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.0.push((field.into(), problem.into()));
    }

    /// The value, or a violation of its field.
    pub fn take<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed.map_err(|error| self.push(field, error.to_string())).ok()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The status, when there are violations.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` with every violation.
    pub fn into_result(self) -> Result<(), Status> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

impl From<BadRequest> for Status {
    fn from(bad: BadRequest) -> Status {
        let message: Vec<String> =
            bad.0.iter().map(|(field, problem)| format!("{field}: {problem}")).collect();
        let mut details = ErrorDetails::new();
        for (field, problem) in bad.0 {
            details.add_bad_request_violation(field, problem);
        }
        with_reason(Code::InvalidArgument, "BAD_REQUEST", message.join("; "), details)
    }
}

impl From<&Violations> for BadRequest {
    fn from(violations: &Violations) -> Self {
        let pair = |v: &granary_book::wire::Violation| {
            let field = if v.path.is_empty() {
                "command".to_owned()
            } else {
                format!("command.{}", v.path)
            };
            (field, v.problem.to_string())
        };
        Self(violations.as_slice().iter().map(pair).collect())
    }
}

/// An object that isn't there, or that the caller may not see: the same answer.
pub fn not_found(what: &str, id: &str) -> Status {
    let message = format!("{what} {id} does not exist");
    with_reason(Code::NotFound, "NOT_FOUND", message, ErrorDetails::new())
}

/// A stable reason for each failure, also told inside a stream.
pub fn reason(failure: &Failure) -> (Code, &'static str) {
    match failure {
        Failure::TooLong { .. } => (Code::InvalidArgument, "STATEMENT_TOO_LONG"),
        Failure::Unreadable(_) => (Code::InvalidArgument, "UNREADABLE"),
        Failure::OtherChain { .. } => (Code::InvalidArgument, "OTHER_CHAIN"),
        Failure::Body(_) => (Code::InvalidArgument, "BAD_REQUEST"),
        Failure::SignatureInvalid { .. } => (Code::Unauthenticated, "SIGNATURE_INVALID"),
        Failure::SuiteUnknown { .. } => (Code::Unauthenticated, "SUITE_UNKNOWN"),
        Failure::KeyUnknown { .. } => (Code::Unauthenticated, "KEY_UNKNOWN"),
        Failure::NoServiceKey { .. } => (Code::PermissionDenied, "NO_SERVICE_KEY"),
        Failure::Expired { .. } => (Code::FailedPrecondition, "EXPIRED"),
        Failure::NotAppended(AppendError::Full { .. }) => (Code::ResourceExhausted, "QUEUE_FULL"),
        Failure::NotAppended(AppendError::Stopping) => (Code::Unavailable, "STOPPING"),
        Failure::OutcomeUnknown { .. } => (Code::DeadlineExceeded, "OUTCOME_UNKNOWN"),
        Failure::Stopped(_) => (Code::Unavailable, "STOPPED"),
    }
}

/// A status as it is told inside a stream's answer.
pub fn failure(status: &Status) -> pb::Failure {
    let info = status.get_error_details().error_info().cloned();
    pb::Failure {
        status: i32::from(status.code()).cast_unsigned(),
        reason: info.map(|info| info.reason).unwrap_or_default(),
        message: status.message().to_owned(),
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Status {
        let (code, reason) = reason(&failure);
        let mut details = ErrorDetails::new();
        match &failure {
            Failure::Body(violations) => return BadRequest::from(violations).into(),
            Failure::NotAppended(AppendError::Full { .. }) => {
                details.set_retry_info(Some(RETRY_AFTER));
            }
            Failure::OutcomeUnknown { command_id } => {
                let id = format!("cm_{}", hex::encode(command_id));
                return with_metadata(code, reason, failure.to_string(), "command_id", id);
            }
            Failure::Expired { index: Some(index), .. } => {
                return with_metadata(
                    code,
                    reason,
                    failure.to_string(),
                    "index",
                    index.to_string(),
                );
            }
            _ => {}
        }
        with_reason(code, reason, failure.to_string(), details)
    }
}

fn with_metadata(code: Code, reason: &str, message: String, key: &str, value: String) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(reason, DOMAIN, HashMap::from([(key.to_owned(), value)]));
    Status::with_error_details(code, message, details)
}

fn with_reason(code: Code, reason: &str, message: String, mut details: ErrorDetails) -> Status {
    details.set_error_info(reason, DOMAIN, HashMap::new());
    Status::with_error_details(code, message, details)
}
