use super::*;

fn store() -> (tempfile::TempDir, Store, mpsc::UnboundedReceiver<Effect>) {
    let folder = tempfile::tempdir().unwrap();
    let (store, effects) = Store::open(&folder.path().join("service.db")).unwrap();
    (folder, store, effects)
}

fn count(conn: &Connection) -> i64 {
    conn.query_row("SELECT count(*) FROM attempts", [], |row| row.get(0)).unwrap()
}

fn add(tx: &Tx<'_>, who: &str) -> Result<(), Failure> {
    tx.execute("INSERT INTO attempts (what, who, at) VALUES ('x', ?1, 1)", [who])?;
    tx.changed(who);
    Ok(())
}

#[tokio::test]
async fn an_operation_that_fails_undoes_itself_alone() {
    let (_folder, store, mut effects) = store();
    let (kept, undone) = tokio::join!(
        store.write(|tx| add(tx, "a")),
        store.write(|tx| -> Result<(), Failure> {
            add(tx, "b")?;
            Err(Failure::Closed)
        })
    );
    assert!(kept.is_ok() && undone.is_err());
    assert_eq!(store.read(|conn| Ok(count(conn))).unwrap(), 1);
    assert_eq!(effects.try_recv().unwrap(), Effect::Changed("a".to_owned()));
    assert!(effects.try_recv().is_err());
}

#[tokio::test]
async fn a_panic_in_one_operation_stops_no_other() {
    let (_folder, store, _effects) = store();
    let broken = store.write(|tx| -> Result<(), Failure> {
        add(tx, "a")?;
        panic!("for the test")
    });
    assert!(broken.await.is_err());
    store.write(|tx| add(tx, "b")).await.unwrap();
    assert_eq!(store.read(|conn| Ok(count(conn))).unwrap(), 1);
}

#[tokio::test]
async fn a_thousand_operations_at_once_are_all_kept() {
    let (_folder, store, _effects) = store();
    let writes = (0..1000).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.write(move |tx| add(tx, &n.to_string())).await })
    });
    for write in futures_util::future::join_all(writes).await {
        write.unwrap().unwrap();
    }
    assert_eq!(store.read(|conn| Ok(count(conn))).unwrap(), 1000);
}

#[tokio::test]
async fn a_second_opening_finds_what_the_first_committed() {
    let (folder, store, _effects) = store();
    store.write(|tx| add(tx, "a")).await.unwrap();
    let (again, _effects) = Store::open(&folder.path().join("service.db")).unwrap();
    assert_eq!(again.read(|conn| Ok(count(conn))).unwrap(), 1);
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 10_000).unwrap();
    assert!(matches!(Store::open(&path), Err(Failure::Stored(_))));
}
