//! What can go wrong at the boundary, one operation at a time.

/// What kind of operation crosses the boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The store is asked.
    Read,
    /// The store is changed.
    Write,
    /// A vendor is called.
    Send,
    /// The time is asked for.
    Clock,
}

/// How an operation goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The store does nothing and answers an error.
    StoreErrorBefore,
    /// The store does it and answers an error.
    StoreErrorAfter,
    /// The call never leaves.
    NotSent,
    /// The vendor does it, the answer is lost.
    ReplyLost,
    /// The vendor asks to slow down.
    Status429,
    /// The vendor fails.
    Status500,
    /// A proxy answers 200 and a page.
    Garbage,
    /// The machine dies before the operation.
    CrashBefore,
    /// The machine dies after it.
    CrashAfter,
    /// The machine sleeps before it, for longer than any lease.
    Asleep,
}

impl Fault {
    /// The faults that an operation of this kind can meet.
    pub(crate) fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Read => &[Self::StoreErrorBefore, Self::CrashBefore],
            Kind::Write => &[Self::StoreErrorBefore, Self::StoreErrorAfter, Self::CrashBefore, Self::CrashAfter],
            Kind::Send => &[
                Self::NotSent,
                Self::ReplyLost,
                Self::Status429,
                Self::Status500,
                Self::Garbage,
                Self::CrashBefore,
                Self::CrashAfter,
            ],
            Kind::Clock => &[Self::Asleep],
        }
    }

    /// Whether the operation takes effect all the same.
    pub(crate) fn is_applied(self) -> bool {
        matches!(self, Self::StoreErrorAfter | Self::ReplyLost | Self::CrashAfter)
    }
}

/// What a cut operation looks like from inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The store answered an error.
    Failed,
    /// The call did not leave.
    NotSent,
    /// No answer came.
    NoAnswer,
    /// There is no inside any more.
    Dead,
}
