//! Numbers that firms print on their papers, each of which must be taken, and what must not be.

use super::*;
use std::collections::HashSet;

/// Reads every number as the kind and returns what is kept of the last.
fn all_taken(key: &str, numbers: &[&str]) -> String {
    let kind = TaxIdType::from_key(key).expect(key);
    let mut kept = String::new();
    for number in numbers {
        match TaxId::parse(kind, number) {
            Ok(id) if id.digits_agree() => kept = id.value().to_owned(),
            Ok(_) => panic!("{key} {number}: a digit is told to be wrong"),
            Err(words) => panic!("{key} {number}: {words}"),
        }
    }
    kept
}

fn refusal(key: &str, text: &str) -> Refused {
    TaxId::parse(TaxIdType::from_key(key).expect(key), text).expect_err(text)
}

#[test]
fn every_kind_takes_its_own_example_and_keeps_it_as_it_is() {
    for kind in TaxIdType::all() {
        let id = TaxId::parse(kind, kind.example()).unwrap_or_else(|words| panic!("{kind:?}: {words}"));
        assert_eq!(id.value(), kind.example());
        assert_eq!(TaxId::parse(kind, &id.value().to_lowercase()), Ok(id.clone()), "{kind:?}");
        assert_eq!((id.kind(), TaxIdType::from_key(kind.key())), (kind, Some(kind)));
        assert!(kind.is_of(id.country()), "{kind:?}");
    }
}

#[test]
fn every_kind_has_a_name_and_words_of_its_own() {
    let kinds: Vec<TaxIdType> = TaxIdType::all().collect();
    assert!(kinds.len() >= 110, "{}", kinds.len());
    assert_eq!(kinds.iter().map(|kind| kind.key()).collect::<HashSet<_>>().len(), kinds.len());
    assert_eq!(kinds.iter().map(|kind| kind.label()).collect::<HashSet<_>>().len(), kinds.len());
}

#[test]
fn a_country_offers_its_own_kinds() {
    let keys = |country: Country| TaxIdType::of_country(country).map(TaxIdType::key).collect::<Vec<_>>();
    assert_eq!(keys(Country::DE), ["eu_vat", "de_stn"]);
    assert_eq!(keys(Country::GB), ["gb_vat", "eu_vat"]);
    assert_eq!(keys(Country::CH), ["ch_vat", "ch_uid"]);
    assert_eq!(keys(Country::JP), ["jp_trn", "jp_cn", "jp_rn"]);
    assert_eq!(keys(Country::PR), ["us_ein"]);
    assert!(keys(Country::AQ).is_empty());
    let members = Country::ALL.iter().filter(|country| country.is_in_european_union());
    assert!(members.into_iter().all(|country| keys(*country).first() == Some(&"eu_vat")));
}

#[test]
fn german_to_greek_firms() {
    all_taken("eu_vat", &["DE143454214", "DE129274202", "DE129273398", "DE 123 475 223", "DE115235681", "de-149145247"]);
    all_taken("eu_vat", &["ATU33864707", "ATU14189108", "ATU 142 43 102", "ATU15159209", "ATU46080404"]);
    all_taken("eu_vat", &["BE0417497106", "BE0403227515", "BE0202.239.951", "BE0403091220", "BE0400378485"]);
    assert_eq!(all_taken("eu_vat", &["BE 444.503.092"]), "BE0444503092");
    all_taken("eu_vat", &["BG175074752", "BG131272009", "BG 103873594", "BG7523169263", "BG8032056031"]);
    all_taken("eu_vat", &["CY10259033P", "CY-10008489 A", "CY00632993F"]);
    all_taken("eu_vat", &["CZ45274649", "CZ00177041", "CZ02176475", "CZ26168685", "CZ 640903926", "CZ 736028/5163"]);
    all_taken("eu_vat", &["DK24256790", "DK22756214", "DK54562519", "DK61056416", "DK 10 40 37 82"]);
    all_taken("eu_vat", &["EE102090374", "EE100931558", "EE100594102"]);
    all_taken("eu_vat", &["EL094019245", "EL090000045", "EL094014201", "EL094259216"]);
    assert_eq!(all_taken("eu_vat", &["GR 40127797"]), "EL040127797");
}

#[test]
fn spanish_to_italian_firms() {
    all_taken("eu_vat", &["ESA28015865", "ESA15075062", "ESA39000013", "ES-A48010615", "ESA46103834"]);
    // A ministry, a citizen and two foreigners.
    all_taken("eu_vat", &["ESQ2826000H", "ES54362315K", "ESX2482300W", "ESX5253868R"]);
    all_taken("eu_vat", &["FI01120389", "FI18523029", "FI20774740"]);
    all_taken(
        "eu_vat",
        &["FR59542051180", "FR89380129866", "FR03552081317", "FR 64 443061841", "FR22424761419", "FR40303265045"],
    );
    // A key with letters, and one of Monaco.
    all_taken("eu_vat", &["FRK7399859412", "FR 23 000 047 372"]);
    all_taken("eu_vat", &["HR27759560625", "HR33392005961", "HR81793146560"]);
    all_taken("eu_vat", &["HU10625790", "HU10537914", "HU10484878", "HU12892312"]);
    all_taken("eu_vat", &["IE6388047V", "IE9700053D", "IE9692928F", "IE8256796U", "IE9740425P"]);
    // The form since 2013, with a second letter, and the one before, with a letter in the second place.
    all_taken("eu_vat", &["IE3206488LH", "IE3336483DH", "IE3668997OH", "IE6433435OA", "IE8D79739I", "IE8Z49289F"]);
    all_taken("eu_vat", &["IT00159560366", "IT00905811006", "IT15844561009", "IT01114601006", "IT00488410010"]);
}

#[test]
fn lithuanian_to_slovak_firms() {
    all_taken("eu_vat", &["LT119511515", "LT100001919017", "LT213179412"]);
    all_taken("eu_vat", &["LU20260743", "LU19647148", "LU20981643", "LU22046007", "LU15027442"]);
    all_taken("eu_vat", &["LV40003245752", "LV40003032949", "LV40003521600", "LV 161175-19997"]);
    all_taken("eu_vat", &["MT11679112", "MT20200019"]);
    all_taken("eu_vat", &["NL805734958B01", "NL810433941B01", "NL 0030.28.112.B01", "NL820471616B01", "NL000099998B57"]);
    assert_eq!(all_taken("eu_vat", &["NL4495445B01"]), "NL004495445B01");
    all_taken("eu_vat", &["PL7740001454", "PL 525-267-47-98", "PL7342867148", "PL5250007738", "PL5261040828"]);
    all_taken("eu_vat", &["PT500697256", "PT504499777", "PT500278725", "PT500100144", "PT501964843"]);
    all_taken("eu_vat", &["RO1590082", "RO160796", "RO14399840", "RO18547290"]);
    all_taken("eu_vat", &["SE556016068001", "SE556012579001", "SE 556703-7485-01", "SE556042722001", "SE556188840401"]);
    all_taken("eu_vat", &["SI82646716", "SI80267432", "SI50223054"]);
    all_taken("eu_vat", &["SK2020372640", "SK2020317068", "SK2022749619"]);
    all_taken("eu_vat", &["XI110305878", "XI432525179"]);
}

#[test]
fn british_swiss_and_norwegian_firms() {
    all_taken("gb_vat", &["GB220430231", "GB 333 2894 54", "GB569953277", "GB727255821", "GB980780684", "GB100190874"]);
    all_taken("gb_vat", &["GBGD001", "GBHA599", "GB220430231001"]);
    assert_eq!(all_taken("gb_vat", &["220 4302 31"]), "GB220430231");
    all_taken("ch_vat", &["CHE-116.281.710 MWST", "CHE-102.909.703 MwSt", "CHE101329561TVA", "CHE-116.046.681 TPV"]);
    assert_eq!(all_taken("ch_vat", &["che 101654423 iva"]), "CHE-101.654.423 IVA");
    assert_eq!(all_taken("ch_uid", &["CHE101654423"]), "CHE-101.654.423");
    all_taken("no_vat", &["982463718MVA", "984851006 MVA", "914778271mva", "995525828MVA"]);
    assert_eq!(all_taken("no_vat", &["NO 923 609 016 MVA"]), "923609016MVA");
}

#[test]
fn firms_of_asia_and_the_pacific() {
    all_taken("au_abn", &["33 051 775 556", "49004028077", "51824753556", "48123123124", "16009661901", "AU88000014675"]);
    all_taken("nz_gst", &["49-091-850", "136-410-132", "35901981"]);
    all_taken("in_gst", &["27AAPFU0939F1ZV", "27AAACR5055K1Z7", "29AAACI4798L1ZU", "27AAACR4849R1ZL"]);
    all_taken("jp_cn", &["1180301018771", "5010401067252", "7010001065142", "7000012050002"]);
    assert_eq!(all_taken("jp_trn", &["Ｔ１１８０３０１０１８７７１"]), "T1180301018771");
    all_taken("tw_vat", &["22099131", "04541302", "04595257"]);
    all_taken("kr_brn", &["124-81-00998", "2208162517", "728-86-00316"]);
    assert_eq!(all_taken("cn_tin", &["CN 9144 0300 7084 6113 6T"]), "91440300708461136T");
    assert_eq!(all_taken("mk_vat", &["МК 4004991103546"]), "MK4004991103546");
}

#[test]
fn firms_of_the_americas_and_eastern_europe() {
    all_taken("br_cnpj", &["33000167000101", "33.592.510/0001-54", "00.000.000/0001-91", "60701190000104", "12.ABC.345/01DE-35"]);
    all_taken("br_cpf", &["390.533.447-05", "52998224725"]);
    all_taken("ar_cuit", &["30-70308853-4", "30546689979"]);
    all_taken("pe_ruc", &["20100070970", "20100047218"]);
    all_taken("cl_tin", &["61.704.000-k", "90749000-9", "97.004.000-5"]);
    all_taken("co_nit", &["899.999.068-1", "890903938-8", "890.903.938"]);
    all_taken("mx_rfc", &["NWM9709244W4", "PME 380607 P35"]);
    all_taken("uy_ruc", &["211003420017"]);
    all_taken("us_ein", &["94-2404110", "911144442"]);
    all_taken("ca_gst_hst", &["100026723 RT 0001"]);
    all_taken("ru_inn", &["7736050003", "7707083893", "7736207543", "500100732259"]);
    all_taken("rs_pib", &["100001159", "101134702"]);
    all_taken("tr_tin", &["4540536920"]);
}

#[test]
fn the_letters_of_a_european_number_name_its_country() {
    let country = |text| TaxId::parse(TaxIdType::from_key("eu_vat").unwrap(), text).unwrap().country();
    assert_eq!(country("EL094019245"), Country::GR);
    assert_eq!(country("XI110305878"), Country::GB);
    assert_eq!(country("FR23000047372"), Country::FR);
    assert_eq!(country_of_prefix("EL"), Some(Country::GR));
    assert_eq!(country_of_prefix("CH"), None);
}

#[test]
fn a_wrong_digit_is_called_so() {
    for (key, text) in [
        ("eu_vat", "DE143454215"),
        ("eu_vat", "FR58542051180"),
        ("eu_vat", "IE6388047W"),
        ("eu_vat", "NL805734959B01"),
        ("eu_vat", "ESA28015866"),
        ("gb_vat", "220430232"),
        ("ch_vat", "CHE-116.281.711 MWST"),
        ("au_abn", "51824753557"),
        ("br_cnpj", "33.000.167/0001-02"),
        ("in_gst", "27AAPFU0939F1ZW"),
        ("no_vat", "923609017MVA"),
        ("cl_tin", "61.704.000-1"),
    ] {
        assert!(!TaxId::parse(TaxIdType::from_key(key).expect(key), text).expect(text).digits_agree(), "{key} {text}");
    }
}

#[test]
fn another_form_is_answered_with_an_example() {
    assert_eq!(refusal("eu_vat", "123456789"), "An EU VAT number begins with the country, like DE123456788.");
    assert_eq!(refusal("eu_vat", "GB220430231"), "An EU VAT number begins with the country, like DE123456788.");
    assert_eq!(refusal("eu_vat", "DE1234"), "Enter the VAT number of Germany like this: DE123456788.");
    assert_eq!(refusal("us_ein", "12345"), "Enter the US EIN like this: 12-3456789.");
    assert_eq!(refusal("ch_vat", "CHE-116.281.710"), "Enter the Swiss VAT number like this: CHE-123.456.788 MWST.");
    for kind in TaxIdType::all() {
        for text in ["", "-", "DE", "Ä", "日本", "D\u{0}", &"9".repeat(500), "\u{1F600}\u{1F600}"] {
            assert!(TaxId::parse(kind, text).is_err(), "{kind:?} {text}");
        }
    }
}
