//! The vault's documents: order, groups, usage, care, backups. One sealed row each.

use std::collections::BTreeMap;

use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{CborLen, Decode, Encode};

use super::care::Care;
use super::ids::{GroupId, ItemId};
use super::item::Group;
use super::snapshot::BackupRecord;
use crate::time::UnixTime;

/// Which document a row is; the last byte of its id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum DocKind {
    Order,
    Groups,
    Usage,
    Care,
    Backups,
}

/// All documents, open.
#[derive(Clone, Default)]
pub(super) struct Docs {
    pub(super) order: Vec<ItemId>,
    pub(super) groups: Vec<Group>,
    pub(super) usage: BTreeMap<ItemId, Usage>,
    pub(super) care: Care,
    pub(super) backups: BackupRecord,
}

/// How often and when a code was taken.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    pub(super) count: u64,
    pub(super) last: Option<UnixTime>,
}

#[derive(Decode, Encode, CborLen)]
#[cbor(map)]
pub(super) struct OrderRecord {
    #[n(0)]
    ids: Vec<ByteArray<16>>,
}

#[derive(Decode, Encode, CborLen)]
#[cbor(map)]
pub(super) struct GroupsRecord {
    #[n(0)]
    groups: Vec<(ByteArray<16>, String)>,
}

#[derive(Decode, Encode, CborLen)]
#[cbor(map)]
pub(super) struct UsageRecord {
    #[n(0)]
    rows: Vec<(ByteVec, u64, i64)>,
}

impl DocKind {
    pub(super) const ALL: [Self; 5] = [Self::Order, Self::Groups, Self::Usage, Self::Care, Self::Backups];

    pub(super) fn id(self) -> [u8; 16] {
        let mut id = [0; 16];
        id[15] = match self {
            Self::Order => 1,
            Self::Groups => 2,
            Self::Usage => 3,
            Self::Care => 4,
            Self::Backups => 5,
        };
        id
    }
}

impl Docs {
    pub(super) fn order_record(&self) -> OrderRecord {
        OrderRecord { ids: self.order.iter().map(|id| id.0.into()).collect() }
    }

    pub(super) fn groups_record(&self) -> GroupsRecord {
        GroupsRecord {
            groups: self.groups.iter().map(|group| (group.id.0.into(), group.name.clone())).collect(),
        }
    }

    pub(super) fn usage_record(&self) -> UsageRecord {
        let row = |(id, usage): (&ItemId, &Usage)| {
            (id.0.to_vec().into(), usage.count, usage.last.map_or(i64::MIN, UnixTime::ms))
        };
        UsageRecord { rows: self.usage.iter().map(row).collect() }
    }

    pub(super) fn take_order(&mut self, record: OrderRecord) {
        self.order = record.ids.into_iter().map(|id| ItemId(id.into())).collect();
    }

    pub(super) fn take_groups(&mut self, record: GroupsRecord) {
        self.groups =
            record.groups.into_iter().map(|(id, name)| Group { id: GroupId(id.into()), name }).collect();
    }

    pub(super) fn take_usage(&mut self, record: UsageRecord) {
        self.usage = record
            .rows
            .into_iter()
            .filter_map(|(id, count, last)| {
                let last = (last != i64::MIN).then(|| UnixTime::from_ms(last));
                Some((ItemId(id[..].try_into().ok()?), Usage { count, last }))
            })
            .collect();
    }
}
