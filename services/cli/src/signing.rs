//! From documents to signed statements.

use std::time::Instant;

use granary_book::vocabulary::{Id, PartyId};
use granary_log::statement::Statement;
use granary_proto::{
    chain::v1::ClockKind,
    parties::v1::{Chain, GetChainRequest, party_service_client::PartyServiceClient},
    statement::v1::Batch,
};
use granary_runtime::keystore::UnlockedKey;
use prost::Name;
use tonic::transport::Channel;
use uuid::{NoContext, Timestamp, Uuid};

use crate::{client, document::Document, keys::KeyArgs, report::Failure};

/// In whose name something is said, and with which keys.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SignerArgs {
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// In whose name, where the document doesn't say [default: the party of the first --key]
    #[arg(long = "as", value_name = "PARTY", help_heading = "Keys")]
    pub(crate) party: Option<PartyId>,
    /// A key that signs: a file, or the name of one in the directory. Repeat it for further signers.
    /// Without it the one key of the principal in the directory signs
    #[arg(long, value_name = "KEY", help_heading = "Keys")]
    pub(crate) key: Vec<String>,
}

/// The chain as it was when it was asked.
#[derive(Debug, Clone)]
pub(crate) struct ChainNow {
    /// What the node said.
    pub(crate) chain: Chain,
    asked: Instant,
}

impl ChainNow {
    /// Asks the node.
    pub(crate) async fn ask(channel: &Channel) -> anyhow::Result<Self> {
        let mut client = PartyServiceClient::new(channel.clone());
        let answered = client.get_chain(GetChainRequest { freshness: Some(client::NOW) }).await;
        let answered =
            answered.map_err(|status| client::told(&status, "can't learn of the chain"))?;
        Ok(Self { chain: answered.into_inner(), asked: Instant::now() })
    }

    /// The moment that a statement signed now carries: the chain's time, which on a simulated clock stands
    /// still.
    pub(crate) fn now_ms(&self) -> u64 {
        if self.is_simulated() {
            return self.chain.now_ms;
        }
        let passed = u64::try_from(self.asked.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.chain.now_ms.saturating_add(passed)
    }

    /// Whether only the operators move the clock.
    pub(crate) fn is_simulated(&self) -> bool {
        self.chain.clock() == ClockKind::Simulated
    }
}

/// A statement ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// In whose name.
    pub(crate) principal: [u8; 16],
    /// Its idempotency key.
    pub(crate) command_id: [u8; 16],
    /// Full protobuf name of what it says.
    pub(crate) type_name: String,
}

impl Signed {
    /// Whether it says several commands.
    pub(crate) fn is_batch(&self) -> bool {
        self.type_name == Batch::full_name()
    }
}

/// The keys that sign.
pub(crate) struct Signers {
    args: KeyArgs,
    /// Each signs every document.
    named: Vec<UnlockedKey>,
    /// Found in the directory for principals of whom no key was named.
    found: Vec<UnlockedKey>,
    principal: Option<[u8; 16]>,
}

impl Signers {
    /// Unlocks the keys that were named.
    pub(crate) fn open(args: &SignerArgs) -> anyhow::Result<Self> {
        let unlock = |name: &String| args.keys.unlock(&args.keys.open(name)?);
        let named = args.key.iter().map(unlock).collect::<anyhow::Result<Vec<UnlockedKey>>>()?;
        let of_first = named.first().and_then(|key| key.meta().used_for.party);
        let principal = args.party.map(PartyId::to_bytes).or(of_first);
        Ok(Self { args: args.keys.clone(), named, found: Vec::new(), principal })
    }

    /// In whose name documents are said that don't tell.
    pub(crate) const fn principal(&self) -> Option<[u8; 16]> {
        self.principal
    }

    /// Signs a document for a chain.
    pub(crate) fn sign(&mut self, document: &Document, chain: &ChainNow) -> anyhow::Result<Signed> {
        let principal = document.principal.ok_or_else(|| {
            let to_do = "write \"as\": \"pt_..\" into the document, or give --as or --key";
            Failure::new("the document doesn't say in whose name it is", to_do)
        })?;
        self.find(principal)?;
        document.others.iter().try_for_each(|other| self.find(*other))?;
        let signed_at_ms = chain.now_ms();
        let command_id = document.command_id.unwrap_or_else(|| fresh_id(signed_at_ms));
        let mut statement = Statement {
            origin: chain.chain.origin.clone(),
            principal,
            command_id,
            signed_at_ms,
            expires_at_ms: signed_at_ms.saturating_add(document.life_ms),
            type_name: document.type_name.clone(),
            body: document.body.clone(),
            signatures: Vec::new(),
        };
        for key in self.of(principal, &document.others) {
            let id = key.meta().public_key;
            if statement.signatures.iter().all(|signature| signature.key_id != id) {
                statement.sign_with(key.signing_key()).map_err(does_not_fit)?;
            }
        }
        let bytes = statement.encode().map_err(does_not_fit)?;
        Ok(Signed { bytes, principal, command_id, type_name: statement.type_name })
    }

    /// Sees to it that there is a key of a party.
    fn find(&mut self, party: [u8; 16]) -> anyhow::Result<()> {
        let is_of = |key: &UnlockedKey| key.meta().used_for.party == Some(party);
        if self.named.iter().chain(&self.found).any(is_of) {
            return Ok(());
        }
        let key = self.args.of_party(party)?;
        self.found.push(self.args.unlock(&key)?);
        Ok(())
    }

    /// Whose signatures a statement carries: the principal's keys first, then the other parties' that it
    /// names, then whatever else was named.
    fn of(&self, principal: [u8; 16], others: &[[u8; 16]]) -> impl Iterator<Item = &UnlockedKey> {
        let of_party = move |party: [u8; 16]| {
            let keys = self.named.iter().chain(&self.found);
            keys.filter(move |key| key.meta().used_for.party == Some(party))
        };
        let others: Vec<[u8; 16]> = others.to_vec();
        of_party(principal).chain(others.into_iter().flat_map(of_party)).chain(&self.named)
    }
}

fn does_not_fit(error: granary_log::statement::EncodeError) -> anyhow::Error {
    let to_do = "say it in several statements; one has at most 40,960 bytes and 4 signatures";
    Failure::new("the statement can't be made", to_do).because(error).into()
}

/// A UUIDv7 of the chain's time, so that the ids derived from it sort by that time on simulated clocks too.
fn fresh_id(now_ms: u64) -> [u8; 16] {
    let nanos = u32::try_from(now_ms % 1_000 * 1_000_000).unwrap_or(0);
    *Uuid::new_v7(Timestamp::from_unix(NoContext, now_ms / 1_000, nanos)).as_bytes()
}
