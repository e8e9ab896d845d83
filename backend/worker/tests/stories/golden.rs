//! The golden table as executable conversations; `golden/table.txt` is the table.

mod play;
mod script;

const TABLE: &str = include_str!("golden/table.txt");

/// A test for every row named.
macro_rules! rows {
    ($($row:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $row() {
                let table = script::read(TABLE);
                let row = table.iter().find(|row| row.name == stringify!($row)).expect("a row of this name");
                play::play(row).await;
            }
        )*

        const TESTED: &[&str] = &[$(stringify!($row)),*];
    };
}

rows! {
    row_01 row_02 row_03 row_04 row_05 row_06 row_07 row_08 row_09 row_10
    row_11 row_12 row_13 row_14 row_15 row_16 row_17 row_18 row_19 row_20
    row_21 row_22 row_23 row_24 row_25 row_26 row_27 row_28 row_29 row_30
    row_31 row_32 row_33 row_34 row_35 row_36 row_37 row_38 row_39 row_40
    row_41 row_42 row_43 row_44 row_45 row_46 row_47 row_48 row_49 row_50
    row_51 row_52 row_53 row_54 row_55 row_56 row_57 row_58 row_59 row_60
    row_61 row_62 row_63 row_64 row_65 row_66 row_67 row_68 row_69 row_70
    row_71 row_72 row_73 row_74 row_75 row_76
}

#[test]
fn every_row_of_the_table_is_played() {
    let written: Vec<_> = script::read(TABLE).into_iter().map(|row| row.name).collect();

    assert_eq!(written, TESTED);
}
