//! What a node says to statements that are wrong, one by one: at the door with a status, by the rules with a
//! refusal that is an entry; with words that help, and with nothing lost.

use granary_book::{
    chain::ClockKind,
    goods::{AnnounceDeposit, OwnershipClass, RecordArrival, RegisterStore, Seal},
    parties::{RegisterParty, Role},
    pledges::ProposePledge,
    refusal::Code as Refused,
    vocabulary::{Currency, Digest, Id, LotId, Millis, Money, PartyId, Quantity, ReceiptId, Unit},
    wire::{List, Message},
};
use granary_integration_tests::{Actor, Running, Trade, World, code, config, found};
use granary_log::statement::{STATEMENT_MAX, Statement};
use granary_node::Founded;
use granary_proto::statement::v1::reply::Outcome;
use granary_runtime::{store::StoreKind, time::unix_ms};
use tonic::Code;

/// A node, the trade, and a receipt in it.
struct Stage {
    running: Running,
    world: World,
    trade: Trade,
    bank: Actor,
    receipt: ReceiptId,
    _dir: tempfile::TempDir,
}

impl Stage {
    async fn set() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let config = config(dir.path(), StoreKind::Redb);
        let founded: Founded = found(&config, ClockKind::Wall, unix_ms());
        let running = Running::start(&config).await;
        let mut world = World::new(&running, &founded, 0);
        let mut trade = Trade::open(&mut world, "GARLIC").await;
        let receipt = trade.receipt(&mut world, 20_000_000).await;
        let bank = world.actor("Bank", Role::Bank, 2).await;
        Self { running, world, trade, bank, receipt, _dir: dir }
    }

    fn size(&self) -> u64 {
        self.running.chain.states.book.head().size
    }

    /// A registration, unsigned.
    fn registration(&mut self, name: &str) -> Statement {
        let registrar = self.world.registrar.party;
        self.world.unsigned(registrar, RegisterParty::NAME, register(name).encode())
    }

    /// Signs with the registrar's key and sends.
    async fn send(&self, mut statement: Statement) -> Answer {
        statement.sign_with(self.world.registrar.person(1)).expect("once");
        self.send_bytes(statement.encode().expect("of the right size")).await
    }

    /// Sends a command of somebody's person 1.
    async fn say<M: Message>(&mut self, who: &Actor, command: &M) -> Answer {
        let signed = self.world.signed(who, &[who.person(1)], command);
        self.send_bytes(signed.bytes).await
    }

    async fn send_bytes(&self, bytes: Vec<u8>) -> Answer {
        let before = self.size();
        match self.world.submit(bytes).await {
            Err(status) => {
                assert_eq!(self.size(), before, "turned away at the door: nothing is appended");
                Answer::Door(status.code(), status.message().to_owned())
            }
            Ok(reply) => match reply.outcome {
                Some(Outcome::Refused(refused)) => {
                    let refusal = refused.refusal.expect("says why");
                    assert_eq!(reply.index, before, "a refusal is an entry");
                    Answer::Rules(
                        refusal.name,
                        refusal.message,
                        refusal.facts.and_then(|f| f.field),
                    )
                }
                other => panic!("neither turned away nor refused: {other:?}"),
            },
        }
    }
}

/// How a wrong statement was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// At the door: status and message.
    Door(Code, String),
    /// By the rules: name of the refusal, message, field.
    Rules(String, String, Option<String>),
}

impl Answer {
    /// At the door, with words that say so much.
    #[track_caller]
    fn is_turned_away(&self, code: Code, words: &[&str]) {
        let Self::Door(found, message) = self else { panic!("it came to the rules: {self:?}") };
        assert_eq!(*found, code, "{message}");
        for word in words {
            assert!(message.contains(word), "`{word}` is not in: {message}");
        }
    }

    /// By the rules, with a sentence and not just the name.
    #[track_caller]
    fn is_refused(&self, code: Refused, field: Option<&str>) {
        let Self::Rules(name, message, at) = self else { panic!("not by the rules: {self:?}") };
        assert_eq!((name.as_str(), at.as_deref()), (code.name(), field), "{message}");
        assert!(message.contains(' ') && message != name, "no sentence: {message}");
    }
}

fn register(name: &str) -> RegisterParty {
    let roles = List::new(vec![Role::Buyer]).expect("one");
    RegisterParty {
        name: name.parse().expect("a label"),
        roles,
        owner_group: None,
        custodial: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_nobody_may_say_are_turned_away_and_what_was_right_still_passes() {
    let mut stage = Stage::set().await;
    let cooperative = stage.trade.cooperative.clone();
    let wrong_key = granary_log::signature::SigningKey::from_bytes(&[0x77; 32]);

    // A party that nobody registered, under a key that is registered: of somebody else.
    let stranger = PartyId::from_bytes([0xab; 16]);
    let body = register("X").encode();
    let statement = stage.world.unsigned(stranger, RegisterParty::NAME, body);
    stage.send(statement).await.is_refused(Refused::SignersMismatch, None);

    let mut statement = stage.registration("X");
    statement.sign_with(&wrong_key).expect("once");
    let answer = stage.send_bytes(statement.encode().expect("fits")).await;
    let key = wrong_key.verifying_key().to_bytes().map(|byte| format!("{byte:02x}")).concat();
    answer.is_turned_away(Code::Unauthenticated, &[&key, "not registered", "registrar"]);

    let mut statement = stage.registration("X");
    statement.sign_with(cooperative.person(1)).expect("once");
    let answer = stage.send_bytes(statement.encode().expect("fits")).await;
    answer.is_refused(Refused::SignersMismatch, None);

    // Tampered with on the way; the original is still good.
    let mut statement = stage.registration("Original");
    statement.sign_with(stage.world.registrar.person(1)).expect("once");
    let original = statement.encode().expect("fits");
    statement.body = register("Tampered").encode();
    let answer = stage.send_bytes(statement.encode().expect("fits")).await;
    answer.is_turned_away(Code::Unauthenticated, &["signature 0", "the id is still free"]);
    let reply = stage.world.submit(original).await.expect("passes");
    assert!(matches!(reply.outcome, Some(Outcome::Accepted(_))), "{:?}", reply.outcome);

    // A role that the principal doesn't have.
    let answer = stage.say(&cooperative, &register("X")).await;
    answer.is_refused(Refused::NotAuthorised, None);
    stage.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_out_of_their_time_or_said_twice_otherwise_are_told_so() {
    let mut stage = Stage::set().await;

    let mut statement = stage.registration("X");
    statement.expires_at_ms = statement.signed_at_ms - 1;
    let expiry = statement.expires_at_ms.to_string();
    stage.send(statement).await.is_turned_away(Code::FailedPrecondition, &["expired", &expiry]);

    let hours = 3_600_000;
    let mut statement = stage.registration("X");
    statement.signed_at_ms += hours;
    stage.send(statement).await.is_refused(Refused::NotYet, None);
    let mut statement = stage.registration("X");
    statement.signed_at_ms -= hours;
    stage.send(statement).await.is_refused(Refused::TimeClaimRefused, None);
    let mut statement = stage.registration("X");
    statement.expires_at_ms += 25 * hours;
    stage.send(statement).await.is_refused(Refused::TimeClaimRefused, None);

    let warehouse = stage.trade.warehouse.clone();
    let announced = announcement(&stage, grams(1_000));
    let cooperative = stage.trade.cooperative.clone();
    let lot: LotId = stage.world.tell(&cooperative, &announced).await.id();
    let arrival = RecordArrival {
        lot,
        carriage: Digest([1; 32]),
        seal: Seal::Intact,
        shipment: None,
        occurred_at_ms: stage.world.now().after(Millis::hours(2)),
    };
    stage.say(&warehouse, &arrival).await.is_refused(Refused::OccurredAtRefused, None);

    let first = stage.registration("First");
    let id = first.command_id;
    let mut accepted = first.clone();
    accepted.sign_with(stage.world.registrar.person(1)).expect("once");
    let bytes = accepted.encode().expect("fits");
    let reply = stage.world.submit(bytes.clone()).await.expect("passes");
    let mut second = stage.registration("Second");
    second.command_id = id;
    stage.send(second).await.is_refused(Refused::IdReused, None);
    let again = stage.world.submit(bytes).await.expect("passes");
    let Some(Outcome::Duplicate(duplicate)) = again.outcome else { panic!("{:?}", again.outcome) };
    assert_eq!(duplicate.first_index, reply.index, "the first keeps its answer");
    stage.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_a_form_that_is_none_are_told_what_is_wrong() {
    let mut stage = Stage::set().await;
    let registrar = stage.world.registrar.party;

    let too_long = (STATEMENT_MAX + 1).to_string();
    let answer = stage.send_bytes(vec![b'G'; STATEMENT_MAX + 1]).await;
    answer.is_turned_away(Code::InvalidArgument, &["40960", &too_long]);

    stage
        .send_bytes(b"%PDF-1.7".to_vec())
        .await
        .is_turned_away(Code::InvalidArgument, &["not a statement"]);

    let mut statement = stage.registration("X");
    statement.origin = "other.example/chain-00000000".to_owned();
    let answer = stage.send(statement).await;
    answer.is_turned_away(Code::InvalidArgument, &["other.example/chain-00000000", "this is"]);

    let statement = stage.world.unsigned(registrar, "granary.parties.v1.RegisterPartys", vec![]);
    stage.send(statement).await.is_refused(Refused::TypeUnknown, None);

    // Field 15 of a message that ends with field 4: refused, not overlooked.
    let mut body = register("X").encode();
    body.extend([0x78, 0x01]);
    let statement = stage.world.unsigned(registrar, RegisterParty::NAME, body);
    let answer = stage.send(statement).await;
    let Answer::Rules(name, ..) = &answer else { panic!("{answer:?}") };
    assert_eq!(name, Refused::BodyMalformed.name());

    let signed = stage.registration("Ordered");
    assert_order_of_signatures_counts(&mut stage, signed).await;
    stage.running.stop().await;
}

/// One statement has one encoding: with its further signatures in the other order it is none.
async fn assert_order_of_signatures_counts(stage: &mut Stage, mut statement: Statement) {
    let keys =
        [[0x11; 32], [0x22; 32]].map(|seed| granary_log::signature::SigningKey::from_bytes(&seed));
    statement.sign_with(stage.world.registrar.person(1)).expect("once");
    keys.iter().for_each(|key| statement.sign_with(key).expect("once"));
    let bytes = statement.encode().expect("fits");
    let block = 1 + 32 + 2 + 64;
    let (head, signatures) = bytes.split_at(bytes.len() - 2 * block);
    let (second, third) = signatures.split_at(block);
    let answer = stage.send_bytes([head, third, second].concat()).await;
    answer.is_turned_away(Code::InvalidArgument, &["ascending order"]);
}

const fn grams(amount: u64) -> Quantity {
    Quantity::new(amount, Unit::Gram)
}

fn announcement(stage: &Stage, quantity: Quantity) -> AnnounceDeposit {
    AnnounceDeposit {
        warehouse: stage.trade.warehouse.party,
        commodity: code("GARLIC"),
        quantity,
        owner: None,
        ownership: OwnershipClass::Own,
        not_graded: false,
        crop_year: None,
        origin: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quantities_and_amounts_that_are_none_are_refused_with_their_field() {
    let mut stage = Stage::set().await;
    let (cooperative, warehouse) = (stage.trade.cooperative.clone(), stage.trade.warehouse.clone());

    let nothing = RegisterStore { store: code("S-2"), capacity: grams(0) };
    stage.say(&warehouse, &nothing).await.is_refused(Refused::QuantityZero, Some("capacity"));
    let command = announcement(&stage, grams(0));
    stage.say(&cooperative, &command).await.is_refused(Refused::QuantityZero, Some("quantity"));

    // More than a quantity can be: it isn't one, so the body isn't one either.
    let command = announcement(&stage, grams(Quantity::MAX_AMOUNT + 1));
    let answer = stage.say(&cooperative, &command).await;
    answer.is_refused(Refused::BodyMalformed, Some("quantity.amount"));

    let proposal = |secured_maximum| ProposePledge {
        pledgee: stage.bank.party,
        receipts: List::new(vec![stage.receipt]).expect("one"),
        secured_maximum,
        matures_on: stage.trade.until,
        terms: None,
    };
    let nothing = proposal(Money::zero(Currency::CNY));
    let yuan = proposal(Money::new(1_000_000, Currency::CNY));
    let answer = stage.say(&cooperative, &nothing).await;
    answer.is_refused(Refused::AmountZero, Some("secured_maximum"));

    assert_currency_counts(&mut stage, &yuan).await;
    stage.running.stop().await;
}

/// A keeper states its lien in another currency than the pledge's.
async fn assert_currency_counts(stage: &mut Stage, proposal: &ProposePledge) {
    use granary_book::{
        pledges::{AcceptPledge, CheckOutcome, ConfirmControl, RecordDuplicateCheck},
        vocabulary::PledgeId,
    };
    let (cooperative, warehouse) = (stage.trade.cooperative.clone(), stage.trade.warehouse.clone());
    let bank = stage.bank.clone();
    let pledge: PledgeId = stage.world.tell(&cooperative, proposal).await.id();
    let check = RecordDuplicateCheck {
        pledge,
        registry: code("ZHONGDENG"),
        outcome: CheckOutcome::Clear,
        checked_at_ms: stage.world.now(),
        evidence: Digest([7; 32]),
        reason: None,
    };
    stage.world.tell(&bank, &check).await;
    stage.world.tell(&bank, &AcceptPledge { pledge, related_party_reason: None }).await;
    let dollars = ConfirmControl { pledge, lien: Some(Money::new(1, Currency::USD)) };
    let answer = stage.say(&warehouse, &dollars).await;
    answer.is_refused(Refused::CurrencyMismatch, Some("lien"));
    // The pledge waits for its keeper as before.
    let yuan = ConfirmControl { pledge, lien: Some(Money::zero(Currency::CNY)) };
    stage.world.tell(&warehouse, &yuan).await;
}
