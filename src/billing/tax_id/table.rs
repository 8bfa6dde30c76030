//! The tax ids of the world: Stripe's name for each, the words for people, where it is given out, a right example, its
//! forms in the signs of [`super::form`], and the rule of its check digits where that is public and without exceptions.
//! The names and the forms follow Stripe's page "Customer tax IDs"; ids of another length that an authority gives out
//! stand beside the one that Stripe shows.

use super::Country;
use super::world_digits as check;

/// One kind of tax id.
pub struct Row {
    /// Stripe's name: `us_ein`.
    pub key: &'static str,
    /// Words for people: `US EIN`.
    pub label: &'static str,
    /// Whose authority gives it out; of `eu_vat` the first of many.
    pub country: Country,
    /// Other countries and territories whose firms hold it.
    pub also: &'static [Country],
    pub example: &'static str,
    pub forms: &'static [&'static str],
    /// Whether the check digits of a bare text of the right form are right.
    pub check: fn(&str) -> bool,
    /// Words for a number of another form.
    pub refusal: &'static str,
}

/// Makes a row of each `key "label" [countries] "example" [forms] check`.
macro_rules! rows {
    ($($key:ident $label:literal [$country:ident $($also:ident)*] $example:literal [$($form:literal)*] $check:ident;)*) => {
        &[$(Row {
            key: stringify!($key),
            label: $label,
            country: Country::$country,
            also: &[$(Country::$also),*],
            example: $example,
            forms: &[$($form),*],
            check: check::$check,
            refusal: concat!("Enter the ", $label, " like this: ", $example, "."),
        }),*]
    };
}

/// Every kind, in the order of Stripe's names; where a country has several, its commonest first.
pub const ROWS: &[Row] = rows! {
    ad_nrt "Andorran NRT" [AD] "A-123456-Z" ["@-######-@"] none;
    ae_trn "Emirati TRN" [AE] "100123456700003" ["###############"] none;
    al_tin "Albanian NIPT" [AL] "J12345678N" ["@########@"] none;
    am_tin "Armenian TIN" [AM] "02538904" ["########"] none;
    ao_tin "Angolan NIF" [AO] "5123456789" ["##########" "#########@@###"] none;
    ar_cuit "Argentine CUIT" [AR] "30-12345678-1" ["##-########-#"] argentine;
    au_abn "Australian ABN" [AU] "51824753556" ["###########"] australian;
    au_arn "Australian ARN" [AU] "123456789123" ["############"] none;
    aw_tin "Aruban TIN" [AW] "12345678" ["########"] none;
    az_tin "Azerbaijani VÖEN" [AZ] "0123456789" ["#########_"] none;
    ba_tin "Bosnian PDV number" [BA] "123456789012" ["############" "#############"] none;
    bb_tin "Barbadian TIN" [BB] "1123456789012" ["#############"] none;
    bd_bin "Bangladeshi BIN" [BD] "123456789-0123" ["#########-####"] none;
    bf_ifu "Burkinabe IFU" [BF] "12345678A" ["########@"] none;
    bh_vat "Bahraini VAT number" [BH] "123456789012345" ["###############"] none;
    bj_ifu "Beninese IFU" [BJ] "1234567890123" ["#############"] none;
    bo_tin "Bolivian NIT" [BO] "123456789" ["######______"] none;
    br_cnpj "Brazilian CNPJ" [BR] "12.345.678/0001-95" ["??.???.???/????-##"] brazilian_firm;
    br_cpf "Brazilian CPF" [BR] "123.456.789-09" ["###.###.###-##"] brazilian_person;
    bs_tin "Bahamian TIN" [BS] "123.456.789" ["###.###.###"] none;
    by_tin "Belarusian UNP" [BY] "123456789" ["#########" "@@#######" "@########"] none;
    ca_gst_hst "Canadian GST/HST number" [CA] "123456782RT0001" ["#########RT####"] canadian;
    ca_bn "Canadian business number" [CA] "123456782" ["#########" "#########@@####"] canadian;
    ca_pst_bc "British Columbian PST number" [CA] "PST-1234-5678" ["PST-####-####"] none;
    ca_pst_mb "Manitoban RST number" [CA] "123456-7" ["######-#"] none;
    ca_pst_sk "Saskatchewan PST number" [CA] "1234567" ["#######"] none;
    ca_qst "Quebec QST number" [CA] "1234567890TQ1234" ["##########TQ####"] none;
    cd_nif "Congolese NIF" [CD] "A0123456M" ["@#######@"] none;
    ch_vat "Swiss VAT number" [CH] "CHE-123.456.788 MWST"
        ["CHE-###.###.### MWST" "CHE-###.###.### TVA" "CHE-###.###.### IVA" "CHE-###.###.### TPV"] swiss;
    ch_uid "Swiss UID" [CH] "CHE-123.456.788" ["CHE-###.###.###" "CHE-###.###.### HR"] swiss;
    cl_tin "Chilean RUT" [CL] "12.345.678-5" ["##.###.###-?" "#.###.###-?"] chilean;
    cm_niu "Cameroonian NIU" [CM] "M123456789000L" ["@############@"] none;
    cn_tin "Chinese tax ID" [CN] "123456789012345678"
        ["??????????????????" "???????????????" "#################" "#################?##"] none;
    co_nit "Colombian NIT" [CO] "123.456.789-6" ["###.###.###-#" "########_" "###########"] colombian;
    cr_tin "Costa Rican cédula" [CR] "3-101-123456" ["#-###-######" "#########" "############" "###########"] none;
    cv_nif "Cape Verdean NIF" [CV] "213456789" ["#########"] none;
    do_rcn "Dominican RNC" [DO] "123-4567890-1" ["###-#######-#" "########_"] none;
    ec_ruc "Ecuadorian RUC" [EC] "1234567890001" ["#############"] none;
    eg_tin "Egyptian TIN" [EG] "123456789" ["#########"] none;
    et_tin "Ethiopian TIN" [ET] "1234567890" ["##########"] none;
    gb_vat "UK VAT number" [GB IM] "GB123456782" ["GB#########" "GB############" "GBGD###" "GBHA###"] british;
    eu_vat "EU VAT number" [AT AX BE BG CY CZ DE DK EE ES FI FR GB GP GR HR HU IE IT LT LU LV MC MQ MT NL PL PT RE RO SE SI SK]
        "DE123456788" [] none;
    bg_uic "Bulgarian UIC" [BG] "123456786" ["#########" "#############"] bulgarian;
    de_stn "German Steuernummer" [DE] "1234567890" ["##########_" "#############"] none;
    es_cif "Spanish NIF" [ES] "A12345674" ["?#######?"] spanish;
    ge_vat "Georgian VAT number" [GE] "123456789" ["#########" "###########"] none;
    gn_nif "Guinean NIF" [GN] "123456789" ["#########"] none;
    hk_br "Hong Kong BR number" [HK] "12345678" ["########" "########-###"] none;
    hr_oib "Croatian OIB" [HR] "12345678903" ["###########"] croatian_or_serbian;
    hu_tin "Hungarian adószám" [HU] "12345676-1-23" ["########-#-##"] hungarian;
    id_npwp "Indonesian NPWP" [ID] "012.345.678.9-012.345" ["###.###.###.#-###.###" "##.###.###.#-###.###"] none;
    il_vat "Israeli VAT number" [IL] "000012345" ["#########"] none;
    in_gst "Indian GSTIN" [IN] "27AAPFU0939F1ZV" ["##?????????????"] indian;
    is_vat "Icelandic VAT number" [IS] "123456" ["#####_"] none;
    jp_trn "Japanese tax registration number" [JP] "T1234567891234" ["T#############"] none;
    jp_cn "Japanese corporate number" [JP] "7000012050002" ["#############"] japanese_firm;
    jp_rn "Japanese registered foreign business number" [JP] "12345" ["#####"] none;
    ke_pin "Kenyan PIN" [KE] "P000111111A" ["@#########@"] none;
    kg_tin "Kyrgyz TIN" [KG] "12345678901234" ["##############"] none;
    kh_tin "Cambodian TIN" [KH] "1001-123456789" ["?###-#########"] none;
    kr_brn "South Korean BRN" [KR] "123-45-67891" ["###-##-#####"] none;
    kz_bin "Kazakh BIN" [KZ] "123456789012" ["############"] none;
    la_tin "Lao TIN" [LA] "123456789-000" ["#########-###" "#########_"] none;
    li_vat "Liechtenstein VAT number" [LI] "12345" ["#####_"] none;
    li_uid "Liechtenstein UID" [LI] "CHE123456788" ["CHE#########"] swiss;
    ma_vat "Moroccan VAT number" [MA] "12345678" ["#######_" "###############"] none;
    md_vat "Moldovan VAT number" [MD] "1234567" ["#######"] none;
    me_pib "Montenegrin PIB" [ME] "12345678" ["########"] none;
    mk_vat "North Macedonian VAT number" [MK] "MK1234567890123" ["MK#############"] none;
    mr_nif "Mauritanian NIF" [MR] "12345678" ["########"] none;
    mx_rfc "Mexican RFC" [MX] "ABC010203AB9" ["&&&######???" "&&&&######???"] none;
    my_sst "Malaysian SST number" [MY] "A12-3456-78912345" ["@##-####-########"] none;
    my_itn "Malaysian ITN" [MY] "C 1234567890" ["@ #########__" "@@ ########___"] none;
    my_frp "Malaysian FRP number" [MY] "12345678" ["########"] none;
    ng_tin "Nigerian TIN" [NG] "12345678-0001" ["########-####" "##########" "#############"] none;
    no_vat "Norwegian VAT number" [NO] "123456785MVA" ["#########MVA"] norwegian;
    no_voec "Norwegian VOEC number" [NO] "1234567" ["#######"] none;
    np_pan "Nepali PAN" [NP] "123456789" ["#########"] none;
    nz_gst "New Zealand GST number" [NZ] "49091850" ["########_"] new_zealand;
    om_vat "Omani VAT number" [OM] "OM1234567890" ["OM##########"] none;
    pe_ruc "Peruvian RUC" [PE] "20100070970" ["###########"] peruvian;
    ph_tin "Philippine TIN" [PH] "123456789012" ["############__" "#########"] none;
    pl_nip "Polish NIP" [PL] "1234563218" ["##########"] polish;
    ro_tin "Romanian CIF" [RO] "1234567897" ["##________" "#############"] romanian;
    rs_pib "Serbian PIB" [RS] "101134702" ["#########"] croatian_or_serbian;
    ru_inn "Russian INN" [RU] "1234567894" ["##########" "############"] russian;
    ru_kpp "Russian KPP" [RU] "123456789" ["####??###"] none;
    sa_vat "Saudi VAT number" [SA] "300123456700003" ["###############"] none;
    sg_gst "Singaporean GST number" [SG] "M12345678X" ["??????????" "?????????"] none;
    sg_uen "Singaporean UEN" [SG] "123456789F" ["#########@" "########@" "@##@@####@"] none;
    si_tin "Slovenian davčna številka" [SI] "12345679" ["########"] slovenian;
    sn_ninea "Senegalese NINEA" [SN] "12345672A2" ["#######?@?" "#########?@?" "#######" "#########"] none;
    sr_fin "Surinamese FIN" [SR] "1234567890" ["##########"] none;
    sv_nit "Salvadoran NIT" [SV] "1234-567890-123-4" ["####-######-###-#"] none;
    th_vat "Thai VAT number" [TH] "1234567891234" ["#############"] none;
    tj_tin "Tajik TIN" [TJ] "123456789" ["#########"] none;
    tr_tin "Turkish TIN" [TR] "1234567890" ["##########_"] turkish;
    tw_vat "Taiwanese VAT number" [TW] "04595257" ["########"] taiwanese;
    tz_vat "Tanzanian VAT number" [TZ] "12345678A" ["########@"] none;
    ua_vat "Ukrainian VAT number" [UA] "123456789" ["########__" "############"] none;
    ug_tin "Ugandan TIN" [UG] "1014751879" ["##########"] none;
    us_ein "US EIN" [US AS GU MP PR VI] "12-3456789" ["##-#######"] none;
    uy_ruc "Uruguayan RUT" [UY] "211003420017" ["############"] uruguayan;
    uz_vat "Uzbek VAT number" [UZ] "123456789012" ["############"] none;
    uz_tin "Uzbek TIN" [UZ] "123456789" ["#########"] none;
    ve_rif "Venezuelan RIF" [VE] "A-12345678-9" ["@-########-#"] none;
    vn_tin "Vietnamese tax ID" [VN] "1234567890" ["##########" "##########-###" "############"] none;
    za_vat "South African VAT number" [ZA] "4123456789" ["4#########"] none;
    zm_tin "Zambian TIN" [ZM] "1004751879" ["##########"] none;
    zw_tin "Zimbabwean TIN" [ZW] "1234567890" ["##########"] none;
};
