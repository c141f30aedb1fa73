//! Configuration as an operator meets it: what wins, what is refused, and with which words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use figment::Figment;
use granary_runtime::config::{
    Assignments, Config, ConfigError, FILE_NAME, Listener, LogFormat, Service, Sources,
};
use granary_runtime::store::StoreKind;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn flags(given: &[(&str, &str)]) -> Figment {
    Figment::from(Assignments::new("flags", pairs(given)))
}

fn in_dir(dir: &Path, environment: &[(&str, &str)], given: &[(&str, &str)]) -> Sources {
    let mut given = given.to_vec();
    let dir = dir.to_str().unwrap();
    given.push(("dir", dir));
    Sources {
        environment: pairs(environment),
        other_variables: &["GRANARY_CONFIG"],
        flags: flags(&given),
        ..Sources::default()
    }
}

/// Loads a file with this text and returns each problem as it is shown, paths cut to `FILE`.
fn refused(file: &str, environment: &[(&str, &str)], given: &[(&str, &str)]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    fs::write(&path, file).unwrap();
    match Config::load(in_dir(dir.path(), environment, given)) {
        Err(ConfigError::Wrong(problems)) => problems
            .iter()
            .map(|problem| problem.to_string().replace(path.to_str().unwrap(), "FILE"))
            .collect(),
        Err(other) => panic!("{other}"),
        Ok(loaded) => panic!("accepted: {loaded:?}"),
    }
}

#[test]
fn without_any_source_the_defaults_hold() {
    let loaded = Config::load(Sources::default()).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.config.listen.to_string(), "127.0.0.1:7400");
    assert_eq!(loaded.config.metrics_listen.to_string(), "127.0.0.1:7490");
}

#[test]
fn flags_win_over_variables_over_the_file_over_the_defaults_and_the_dump_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    let text = "chain = 'rice'\nlog_level = 'warn'\nsled_cache_mb = 64\nstore = 'redb'\n";
    fs::write(&path, text).unwrap();
    let environment = [
        ("GRANARY_LOG_LEVEL", "debug"),
        ("GRANARY_SLED_CACHE_MB", "128"),
        ("GRANARY_SERVICES", "orders, shipments"),
        ("GRANARY_ACCEPT_CLOCK", "true"),
        ("GRANARY_CONFIG", "elsewhere"),
        ("HOME", "/nonexistent"),
    ];
    let loaded =
        Config::load(in_dir(dir.path(), &environment, &[("sled_cache_mb", "256")])).unwrap();
    let expected = Config {
        dir: dir.path().to_owned(),
        chain: "rice".to_owned(),
        log_level: "debug".to_owned(),
        sled_cache_mb: 256,
        store: StoreKind::Redb,
        services: vec![Service::Orders, Service::Shipments],
        accept_clock: true,
        ..Config::default()
    };
    assert_eq!(loaded.config, expected);

    let dump = loaded.dump();
    let file = path.to_str().unwrap();
    let cases = [
        ("chain = \"rice\"", file),
        ("log_level = \"debug\"", "GRANARY_LOG_LEVEL"),
        ("sled_cache_mb = 256", "flags"),
        ("services = [\"orders\", \"shipments\"]", "GRANARY_SERVICES"),
        ("segment_mb = 64", "default"),
        ("#passphrase_file is not set", "default"),
    ];
    for (value, origin) in cases {
        let shown =
            dump.lines().find_map(|line| line.split_once(" # ").filter(|l| l.0.trim() == value));
        assert_eq!(shown.map(|(_, origin)| origin), Some(origin), "{value} in\n{dump}");
    }
    // And the dump can be used as a configuration file.
    fs::write(&path, &dump).unwrap();
    assert_eq!(Config::load(in_dir(dir.path(), &[], &[])).unwrap().config, expected);
}

#[test]
fn text_of_a_variable_is_what_its_setting_needs_not_what_it_looks_like() {
    let environment = pairs(&[("GRANARY_CHAIN", "2026"), ("GRANARY_PASSPHRASE_FILE", "17")]);
    let loaded = Config::load(Sources { environment, ..Sources::default() }).unwrap();
    assert_eq!(loaded.config.chain, "2026");
    assert_eq!(loaded.config.passphrase_file.as_deref(), Some(Path::new("17")));
}

#[test]
fn misspelt_settings_are_refused_wherever_they_stand_with_the_one_that_was_meant() {
    let file = "lisen = '127.0.0.1:1'\ncolour = 'red'\n";
    let found = refused(file, &[("GRANARY_LOG_LEVLE", "info")], &[("store_kind", "redb")]);
    let expected = [
        "colour (FILE): is not a setting",
        "lisen (FILE): is not a setting; did you mean `listen`?",
        "log_levle (GRANARY_LOG_LEVLE): is not a setting; did you mean `log_level`?",
        "store_kind (flags): is not a setting",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_where_it_came_from() {
    let cases = [
        ("segment_mb = 'big'", "segment_mb (FILE): ", "expected u64"),
        ("segment_mb = -1", "segment_mb (FILE): ", "-1"),
        ("listen = '127.0.0.1'", "listen (FILE): ", "invalid socket address syntax"),
        ("store = 'fjall'", "store (FILE): ", "`fjall` is not one of sled, redb"),
        ("log_format = 'xml'", "log_format (FILE): ", "`xml` is not one of text, json"),
        (
            "services = ['order']",
            "services.0 (FILE): ",
            "`order` is not one of parties, receipts, finance, orders,",
        ),
        ("listen = ", "FILE: ", "TOML parse error at line 1"),
    ];
    for (file, start, part) in cases {
        let found = refused(file, &[], &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(start) && found[0].contains(part), "{file}: {}", found[0]);
    }
    let found = refused("", &[("GRANARY_SEGMENT_MB", "64MB")], &[]);
    assert!(found[0].starts_with("segment_mb (GRANARY_SEGMENT_MB): "), "{}", found[0]);
}

#[test]
fn every_setting_out_of_range_is_reported_at_once() {
    // (key, lowest and highest allowed)
    let ranges: [(&str, u64, u64); 10] = [
        ("sled_cache_mb", 16, 1_048_576),
        ("read_cache_mb", 0, 1_048_576),
        ("segment_mb", 1, 1_024),
        ("checkpoint_interval_ms", 50, 60_000),
        ("checkpoint_idle_ms", 50, 3_600_000),
        ("witness_timeout_ms", 100, 60_000),
        ("drain_timeout_ms", 0, 600_000),
        ("queue_statements", 1, 1_000_000),
        ("queue_bytes", 65_536, 4_294_967_296),
        ("max_decoding_message_kb", 44, 4_096),
    ];
    let file = |value: &dyn Fn(u64, u64) -> u64| {
        let line = |&(key, low, high): &(&str, u64, u64)| format!("{key} = {}\n", value(low, high));
        ranges.iter().map(line).collect::<String>()
    };
    let found = refused(&file(&|_, high| high + 1), &[], &[]);
    for (key, low, high) in ranges {
        let problem = format!("{key} (FILE): {} is not between {low} and {high}", high + 1);
        assert!(found.contains(&problem), "{found:?}");
    }
    assert_eq!(found.len(), ranges.len());

    for bounds in [&|low, _| low, &|_, high| high] as [&dyn Fn(u64, u64) -> u64; 2] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE_NAME), file(bounds)).unwrap();
        Config::load(in_dir(dir.path(), &[], &[])).expect("both ends are allowed");
    }
}

#[test]
fn settings_that_contradict_the_rules_are_refused_with_the_reason() {
    let cases = [
        ("chain = ''", "chain (FILE): `` is not a chain's name"),
        ("chain = 'Rice'", "chain (FILE): `Rice` is not a chain's name"),
        ("chain = '../up'", "chain (FILE): `../up` is not a chain's name"),
        (
            "listen = '0.0.0.0:7400'",
            "listen (FILE): 0.0.0.0:7400 can be reached from other machines, and TLS is not built yet",
        ),
        ("listen = '[::]:7400'", "listen (FILE): [::]:7400 can be reached"),
        (
            "metrics_listen = '192.0.2.1:7490'",
            "metrics_listen (FILE): 192.0.2.1:7490 can be reached",
        ),
        (
            "metrics_listen = '127.0.0.1:7400'",
            "metrics_listen (FILE): 127.0.0.1:7400 is also where gRPC listens",
        ),
        (
            "http_listen = '127.0.0.1:7490'",
            "metrics_listen (default): 127.0.0.1:7490 is also where tiles are served",
        ),
        ("witnesses_needed = 1", "witnesses_needed (FILE): 1 of 0 witnesses can't be had"),
        ("http_listen = 'on'", "http_listen (FILE): `on` is neither an address with its port"),
        ("services = []", "services (FILE): names none"),
        ("services = ['orders', 'orders']", "services (FILE): orders stands there twice"),
        ("log_level = 'granary=loud'", "log_level (FILE): `granary=loud` is not a filter"),
        (
            "checkpoint_idle_ms = 100",
            "checkpoint_idle_ms (FILE): 100 is less than checkpoint_interval_ms, 200",
        ),
    ];
    for (file, start) in cases {
        let found = refused(file, &[], &[]);
        assert_eq!(found.len(), 1, "{file}: {found:?}");
        assert!(found[0].starts_with(start), "{file}: {}", found[0]);
    }
    // Other loopback addresses and ports chosen by the system are fine.
    let given =
        flags(&[("listen", "[::1]:0"), ("http_listen", "127.9.9.9:0"), ("metrics_listen", "off")]);
    let loaded = Config::load(Sources { flags: given, ..Sources::default() }).unwrap();
    assert_eq!(loaded.config.metrics_listen, Listener::Off);
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let file = Some(dir.path().join("other.toml"));
    let error = Config::load(Sources { file, ..Sources::default() }).unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { .. }), "{error}");
    assert!(error.to_string().ends_with("other.toml can't be read"), "{error}");
}

#[test]
fn the_template_names_every_setting_and_changes_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    let template = Config::default().template();
    fs::write(&path, &template).unwrap();
    let load = |file: &Path| {
        Config::load(Sources { file: Some(file.to_owned()), ..Sources::default() }).unwrap().config
    };
    assert_eq!(load(&path), Config::default());

    // With its settings uncommented it is still valid, and says what holds anyway.
    let is_setting = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
    let uncommented: Vec<&str> =
        template.lines().filter(is_setting).map(|line| &line[1..]).collect();
    fs::write(&path, uncommented.join("\n")).unwrap();
    let example = Some("/run/secrets/granary".into());
    assert_eq!(load(&path), Config { passphrase_file: example, ..Config::default() });
    // One line per field: a field without a setting would be refused as unknown.
    assert_eq!(uncommented.len(), 24);
}

#[test]
fn a_template_of_chosen_settings_keeps_them() {
    let dir = tempfile::tempdir().unwrap();
    let chosen = Config {
        dir: "d \"quoted\"".into(),
        chain: "rice".to_owned(),
        log_format: LogFormat::Json,
        services: vec![Service::Audit],
        ..Config::default()
    };
    let file = dir.path().join("granary.toml");
    fs::write(&file, chosen.template()).unwrap();
    let loaded = Config::load(Sources { file: Some(file), ..Sources::default() }).unwrap();
    assert_eq!(loaded.config, chosen);
}
