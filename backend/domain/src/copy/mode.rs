//! Who receives a master's trades.

use crate::text_enum::text_enum;

text_enum! {
    /// Copy mode of a master. The texts are those of the EA line protocol.
    CopyMode, "copy mode" {
        /// All active followers.
        PubSub = "PUBSUB",
        /// The one partner.
        OneToOne = "1TO1",
        /// Nobody; trades are stored only. Closes of copies opened before still go out.
        Record = "RECORD",
    }
}
