//! The protobuf messages of an export, field by field.

use zeroize::Zeroize;

/// One part. Entries stay bytes here, so that a damaged one does not take the others with it.
#[derive(prost::Message)]
#[prost(skip_debug)]
pub(super) struct Payload {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(super) entries: Vec<Vec<u8>>,
    #[prost(int32, tag = "2")]
    pub(super) version: i32,
    #[prost(int32, tag = "3")]
    pub(super) batch_size: i32,
    #[prost(int32, tag = "4")]
    pub(super) batch_index: i32,
    #[prost(int32, tag = "5")]
    pub(super) batch_id: i32,
}

/// One account. Names are bytes: not every exporter writes UTF-8.
#[derive(prost::Message)]
#[prost(skip_debug)]
pub(super) struct Entry {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) secret: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) name: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) issuer: Vec<u8>,
    #[prost(int32, tag = "4")]
    pub(super) algorithm: i32,
    #[prost(int32, tag = "5")]
    pub(super) digits: i32,
    #[prost(int32, tag = "6")]
    pub(super) kind: i32,
    #[prost(int64, tag = "7")]
    pub(super) counter: i64,
    /// Written since version 2.
    #[prost(bytes = "vec", tag = "8")]
    pub(super) id: Vec<u8>,
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.entries.zeroize();
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// `algorithm`: 0 and 1 mean SHA-1.
pub(super) mod algorithm {
    pub(in super::super) const UNSPECIFIED: i32 = 0;
    pub(in super::super) const SHA1: i32 = 1;
    pub(in super::super) const SHA256: i32 = 2;
    pub(in super::super) const SHA512: i32 = 3;
    pub(in super::super) const MD5: i32 = 4;
}

/// `digits`: 0 and 1 mean six.
pub(super) mod digits {
    pub(in super::super) const UNSPECIFIED: i32 = 0;
    pub(in super::super) const SIX: i32 = 1;
    pub(in super::super) const EIGHT: i32 = 2;
}

/// `kind`: 0 and 2 mean TOTP.
pub(super) mod kind {
    pub(in super::super) const UNSPECIFIED: i32 = 0;
    pub(in super::super) const HOTP: i32 = 1;
    pub(in super::super) const TOTP: i32 = 2;
}
