//! One account's set-up: what its pages show and what its forms do.

use bytes::Bytes;
use http::Response;

use super::{AccountRoute, Form, Notice, Visit, activity, mapping, page, query, reply, tags, to_vendor};
use crate::{
    app::{Failure, account::Account, connect::lever::Deadlines, session::Vendor, sign_in::Visitor},
    domain::{
        ids::{AccountId, AssessmentId, StageId},
        secret::Secret,
    },
    ports::World,
    web::page::{
        piece::ONLY,
        setup::{Part, Setup},
        stage,
    },
};

/// Answers whatever is below `/integrations/{account}`.
pub(super) async fn serve<W: World>(
    visit: &mut Visit<'_, W>,
    id: &AccountId,
    route: AccountRoute,
) -> Result<Response<Bytes>, Failure> {
    // An account that exists and one that doesn't look the same to whom neither belongs to.
    let unknown = || Failure::not_found("There is no such account, or it is not yours.");
    if !visit.session.may_use(id) {
        return Err(unknown());
    }
    let account = visit.app.find_account(id).await?.ok_or_else(unknown)?;
    visit.account = Some((id.clone(), account.name.clone()));
    let visit = &*visit;
    if !account.ats_enabled && *visit.session.visitor() != Visitor::Operator {
        return Ok(visit.html(
            200,
            page::without_ats(&visit.reader(), &account.name, visit.app.settings.qualified_origin.as_str()),
        ));
    }
    use AccountRoute as Of;
    match route {
        Of::Setup => setup(visit, id, None).await,
        Of::StageForm => stage_form(visit, id, &account).await,
        Of::Stage(stage) => whom_it_invites(visit, id, stage).await,
        Of::Tags => tags::show(visit, id, &account).await,
        Of::Activity => activity::show(visit, id, account.lever.is_some()).await,
        Of::Preview => tags::foresee(visit, id, &visit.form()?).await,
        Of::PutStage => put_stage(visit, id, &account, &visit.form()?).await,
        Of::LeverLogin => {
            visit.form()?;
            match visit.app.log_in_to_lever(id).await {
                Ok(start) => Ok(to_vendor(visit.app.settings, &start)),
                Err(failure) => setup(visit, id, Some((Part::Lever, &failure))).await,
            }
        }
        Of::BambooHrLogin => {
            let form = visit.form()?;
            match visit.app.log_in_to_bamboohr(id, form.text("domain")).await {
                Ok(start) => Ok(to_vendor(visit.app.settings, &start)),
                Err(failure) => setup(visit, id, Some((Part::BambooHr, &failure))).await,
            }
        }
        Of::MappingForm => mapping::form(visit, id, &account).await,
        Of::PutMapping => mapping::put(visit, id, &account, &visit.form()?).await,
        Of::Replay(item) => {
            visit.form()?;
            activity::replay(visit, id, &item).await
        }
        Of::ReplayFailed => {
            visit.form()?;
            activity::replay_failed(visit, id).await
        }
        Of::Check
        | Of::ConnectQualified
        | Of::RemoveQualified
        | Of::RemoveLever
        | Of::SignatureToken
        | Of::ConnectBambooHr
        | Of::RemoveBambooHr
        | Of::RemoveMapping
        | Of::RemoveStage => change(visit, id, route, &visit.form()?).await,
    }
}

/// The forms of the set-up page that lead back to it.
async fn change<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    route: AccountRoute,
    form: &Form,
) -> Result<Response<Bytes>, Failure> {
    use AccountRoute as Of;
    let app = visit.app;
    let secret = |name| Secret::new(form.text(name));
    let done = match &route {
        Of::ConnectQualified => {
            app.connect_qualified(id, &secret("api_key")).await.map(|()| Notice::QualifiedConnected)
        }
        Of::RemoveQualified => app.disconnect_qualified(id).await.map(|()| Notice::QualifiedRemoved),
        Of::RemoveLever => app.disconnect_lever(id).await.map(|()| Notice::LeverRemoved),
        Of::SignatureToken => app.add_signature_token(id, &secret("token")).await.map(|()| Notice::TokenAdded),
        Of::RemoveStage => {
            let stage = StageId::new(form.text("stage"))?;
            app.delete_trigger_stage(id, &stage).await.map(|()| Notice::StageRemoved)
        }
        Of::ConnectBambooHr => app
            .connect_bamboohr(id, form.text("domain"), &secret("bamboohr_key"))
            .await
            .map(|()| Notice::BambooHrConnected),
        Of::RemoveBambooHr => app.disconnect_bamboohr(id).await.map(|()| Notice::BambooHrRemoved),
        Of::RemoveMapping => {
            let assessment = AssessmentId::new(form.text("assessment"))?;
            app.delete_mapping(id, &assessment).await.map(|()| Notice::MappingRemoved)
        }
        _ => app.sync_one(id).await.map(|looked| match looked.unasked[..] {
            [] => Notice::Checked,
            _ => Notice::CheckedInPart,
        }),
    };
    match done {
        Ok(notice) => Ok(reply::see_other(&notice.at(&format!("/integrations/{id}")))),
        Err(failure) => {
            let part = match route {
                Of::ConnectQualified => Part::Qualified,
                Of::SignatureToken => Part::Token,
                Of::RemoveLever | Of::RemoveStage => Part::Lever,
                Of::ConnectBambooHr => Part::BambooHr,
                _ => Part::Page,
            };
            setup(visit, id, Some((part, &failure))).await
        }
    }
}

/// The set-up page after a log-in at a vendor that came to nothing.
pub(super) async fn refused_by<W: World>(
    visit: &mut Visit<'_, W>,
    id: &AccountId,
    vendor: Vendor,
    failure: &Failure,
) -> Result<Response<Bytes>, Failure> {
    let part = match vendor {
        Vendor::BambooHr => Part::BambooHr,
        Vendor::Lever | Vendor::Qualified => Part::Lever,
    };
    visit.account = visit.app.find_account(id).await?.map(|account| (id.clone(), account.name));
    setup(visit, id, Some((part, failure))).await
}

async fn setup<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    wrong: Option<(Part, &Failure)>,
) -> Result<Response<Bytes>, Failure> {
    let app = visit.app;
    let account = app.account(id).await?;
    let (checks, _) = app.health_of(id, &account).await?;
    let catalogue = match &account.bamboohr {
        Some(_) => app.remembered_catalogue(id).await?,
        None => None,
    };
    let (asked, given) = (query(visit.request), Form::read(visit.request.body()));
    let setup = Setup {
        id,
        catalogue: catalogue.as_ref(),
        bamboohr_log_in: app.settings.bamboohr_client.is_some(),
        account: &account,
        checks: &checks,
        lever_hook: &app.lever_hook(id),
        lever_environment: app.settings.lever_auth_origin.host_str().unwrap_or_default(),
        lever_until: app.lever_permission_ends(id).await?,
        notice: Notice::named(asked.text("done")).filter(|_| wrong.is_none()).map(Notice::told),
        wrong,
        stages_sought: &asked.brief("stages-search"),
        assessments_sought: &asked.brief("assessments-search"),
        company: given.text("domain"),
    };
    let status = wrong.map_or(200, |(_, failure)| visit.told(failure));
    Ok(visit.html(status, page::setup::page(&visit.reader(), &setup)))
}

/// What a trigger stage does. Changes nothing.
async fn whom_it_invites<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    stage: String,
) -> Result<Response<Bytes>, Failure> {
    let asked = query(visit.request);
    let stage = StageId::new(stage)?;
    let look = visit.app.foresee_stage(id, &stage, StageId::new(asked.text("from")).ok()).await?;
    Ok(visit.html(200, page::preview::page(&visit.reader(), id, &stage, &look, &asked.brief(ONLY))))
}

async fn stage_form<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    account: &Account,
) -> Result<Response<Bytes>, Failure> {
    let asked = query(visit.request);
    let stage = StageId::new(asked.text("stage")).ok();
    let known = stage.and_then(|stage| account.trigger_stage(&stage));
    let days = |days: Option<u16>| days.map(|days| days.to_string()).unwrap_or_default();
    let (deadline, reminder) =
        known.map(|known| (days(known.deadline_days), days(known.reminder_days))).unwrap_or_default();
    let given = stage::Given {
        stage: known.map(|known| known.id.as_str()).unwrap_or_default(),
        deadline_days: &deadline,
        reminder_days: &reminder,
        only: "",
    };
    stage_page(visit, id, account, &given, None).await
}

async fn stage_page<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    account: &Account,
    given: &stage::Given<'_>,
    wrong: Option<&Failure>,
) -> Result<Response<Bytes>, Failure> {
    let status = wrong.map_or(200, |failure| visit.told(failure));
    let known = StageId::new(given.stage).ok().and_then(|stage| account.trigger_stage(&stage));
    if let Some(known) = known {
        let is_gone = known.vanished || wrong.is_some_and(|failure| failure.field == "stage");
        let of = if is_gone { stage::Of::Gone(known) } else { stage::Of::Known(known) };
        return Ok(visit.html(status, stage::page(&visit.reader(), id, of, given, wrong)));
    }
    let listed = visit.app.lever_stages(id).await;
    let choices = listed.as_ref().map(|stages| {
        let others = stages.iter().filter(|stage| account.trigger_stage(&stage.id).is_none());
        others.map(|stage| (stage.id.to_string(), stage.text.clone())).collect::<Vec<_>>()
    });
    let of = stage::Of::New(choices.as_deref().map_err(|failure| failure.public.as_str()));
    let status = listed.as_ref().err().map_or(status, |failure| visit.told(failure));
    Ok(visit.html(status, stage::page(&visit.reader(), id, of, given, wrong)))
}

async fn put_stage<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    account: &Account,
    form: &Form,
) -> Result<Response<Bytes>, Failure> {
    let given = stage::Given {
        stage: form.text("stage"),
        deadline_days: form.text("deadline_days"),
        reminder_days: form.text("reminder_days"),
        only: form.text(ONLY),
    };
    if form.asks_to_narrow() {
        return stage_page(visit, id, account, &given, None).await;
    }
    match try_put_stage(visit, id, &given).await {
        Ok(()) => Ok(reply::see_other(&Notice::StageSaved.at(&format!("/integrations/{id}")))),
        Err(failure) => stage_page(visit, id, account, &given, Some(&failure)).await,
    }
}

async fn try_put_stage<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    given: &stage::Given<'_>,
) -> Result<(), Failure> {
    let stage = StageId::new(given.stage).map_err(|_| Failure::invalid("Choose a stage.").at("stage"))?;
    let days = |text, field| {
        let wrong = || Failure::invalid("Give a whole number of days from 1 to 365, or leave it empty.").at(field);
        days(text).ok_or_else(wrong)
    };
    let deadline_days = days(given.deadline_days, "deadline_days")?;
    let reminder_days = days(given.reminder_days, "reminder_days")?;
    visit.app.put_trigger_stage(id, &stage, Deadlines { deadline_days, reminder_days }).await?;
    Ok(())
}

/// Days as typed: `None` = no number of days, `Some(None)` = left empty.
fn days(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    text.parse().ok().filter(|days| (1..=365).contains(days)).map(Some)
}
