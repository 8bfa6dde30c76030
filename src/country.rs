//! The countries an organization can be billed in: those that ISO 3166-1 gives a code of two letters, under their short
//! English names. A country is chosen from a select, so the list stands in the order of the names.

/// A country of ISO 3166-1: `Country::DE` is Germany.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country {
    code: &'static str,
    name: &'static str,
}

/// Makes a constant of each country and the list of them all from `code "name"`.
macro_rules! countries {
    ($($code:ident $name:literal)*) => {
        impl Country {
            $(#[doc = $name] pub const $code: Country = Country { code: stringify!($code), name: $name };)*

            /// Every country, in the order of the names; an accent does not change a letter's place.
            pub const ALL: &'static [Country] = &[$(Country::$code),*];
        }
    };
}

countries! {
    AF "Afghanistan" AX "Åland Islands" AL "Albania" DZ "Algeria" AS "American Samoa" AD "Andorra" AO "Angola"
    AI "Anguilla" AQ "Antarctica" AG "Antigua and Barbuda" AR "Argentina" AM "Armenia" AW "Aruba" AU "Australia"
    AT "Austria" AZ "Azerbaijan"
    BS "Bahamas" BH "Bahrain" BD "Bangladesh" BB "Barbados" BY "Belarus" BE "Belgium" BZ "Belize" BJ "Benin"
    BM "Bermuda" BT "Bhutan" BO "Bolivia" BA "Bosnia and Herzegovina" BW "Botswana" BV "Bouvet Island" BR "Brazil"
    IO "British Indian Ocean Territory" VG "British Virgin Islands" BN "Brunei" BG "Bulgaria" BF "Burkina Faso"
    BI "Burundi"
    KH "Cambodia" CM "Cameroon" CA "Canada" CV "Cape Verde" BQ "Caribbean Netherlands" KY "Cayman Islands"
    CF "Central African Republic" TD "Chad" CL "Chile" CN "China" CX "Christmas Island" CC "Cocos (Keeling) Islands"
    CO "Colombia" KM "Comoros" CG "Congo (Brazzaville)" CD "Congo (Kinshasa)" CK "Cook Islands" CR "Costa Rica"
    CI "Côte d’Ivoire" HR "Croatia" CU "Cuba" CW "Curaçao" CY "Cyprus" CZ "Czechia"
    DK "Denmark" DJ "Djibouti" DM "Dominica" DO "Dominican Republic"
    EC "Ecuador" EG "Egypt" SV "El Salvador" GQ "Equatorial Guinea" ER "Eritrea" EE "Estonia" SZ "Eswatini"
    ET "Ethiopia"
    FK "Falkland Islands" FO "Faroe Islands" FJ "Fiji" FI "Finland" FR "France" GF "French Guiana"
    PF "French Polynesia" TF "French Southern Territories"
    GA "Gabon" GM "Gambia" GE "Georgia" DE "Germany" GH "Ghana" GI "Gibraltar" GR "Greece" GL "Greenland" GD "Grenada"
    GP "Guadeloupe" GU "Guam" GT "Guatemala" GG "Guernsey" GN "Guinea" GW "Guinea-Bissau" GY "Guyana"
    HT "Haiti" HM "Heard Island and McDonald Islands" HN "Honduras" HK "Hong Kong" HU "Hungary"
    IS "Iceland" IN "India" ID "Indonesia" IR "Iran" IQ "Iraq" IE "Ireland" IM "Isle of Man" IL "Israel" IT "Italy"
    JM "Jamaica" JP "Japan" JE "Jersey" JO "Jordan"
    KZ "Kazakhstan" KE "Kenya" KI "Kiribati" KW "Kuwait" KG "Kyrgyzstan"
    LA "Laos" LV "Latvia" LB "Lebanon" LS "Lesotho" LR "Liberia" LY "Libya" LI "Liechtenstein" LT "Lithuania"
    LU "Luxembourg"
    MO "Macao" MG "Madagascar" MW "Malawi" MY "Malaysia" MV "Maldives" ML "Mali" MT "Malta" MH "Marshall Islands"
    MQ "Martinique" MR "Mauritania" MU "Mauritius" YT "Mayotte" MX "Mexico" FM "Micronesia" MD "Moldova" MC "Monaco"
    MN "Mongolia" ME "Montenegro" MS "Montserrat" MA "Morocco" MZ "Mozambique" MM "Myanmar"
    NA "Namibia" NR "Nauru" NP "Nepal" NL "Netherlands" NC "New Caledonia" NZ "New Zealand" NI "Nicaragua" NE "Niger"
    NG "Nigeria" NU "Niue" NF "Norfolk Island" KP "North Korea" MK "North Macedonia" MP "Northern Mariana Islands"
    NO "Norway"
    OM "Oman"
    PK "Pakistan" PW "Palau" PS "Palestine" PA "Panama" PG "Papua New Guinea" PY "Paraguay" PE "Peru" PH "Philippines"
    PN "Pitcairn Islands" PL "Poland" PT "Portugal" PR "Puerto Rico"
    QA "Qatar"
    RE "Réunion" RO "Romania" RU "Russia" RW "Rwanda"
    BL "Saint Barthélemy" SH "Saint Helena, Ascension and Tristan da Cunha" KN "Saint Kitts and Nevis" LC "Saint Lucia"
    MF "Saint Martin" PM "Saint Pierre and Miquelon" VC "Saint Vincent and the Grenadines" WS "Samoa" SM "San Marino"
    ST "São Tomé and Príncipe" SA "Saudi Arabia" SN "Senegal" RS "Serbia" SC "Seychelles" SL "Sierra Leone"
    SG "Singapore" SX "Sint Maarten" SK "Slovakia" SI "Slovenia" SB "Solomon Islands" SO "Somalia" ZA "South Africa"
    GS "South Georgia and the South Sandwich Islands" KR "South Korea" SS "South Sudan" ES "Spain" LK "Sri Lanka"
    SD "Sudan" SR "Suriname" SJ "Svalbard and Jan Mayen" SE "Sweden" CH "Switzerland" SY "Syria"
    TW "Taiwan" TJ "Tajikistan" TZ "Tanzania" TH "Thailand" TL "Timor-Leste" TG "Togo" TK "Tokelau" TO "Tonga"
    TT "Trinidad and Tobago" TN "Tunisia" TR "Türkiye" TM "Turkmenistan" TC "Turks and Caicos Islands" TV "Tuvalu"
    UG "Uganda" UA "Ukraine" AE "United Arab Emirates" GB "United Kingdom" US "United States"
    UM "United States Minor Outlying Islands" VI "United States Virgin Islands" UY "Uruguay" UZ "Uzbekistan"
    VU "Vanuatu" VA "Vatican City" VE "Venezuela" VN "Vietnam"
    WF "Wallis and Futuna" EH "Western Sahara"
    YE "Yemen"
    ZM "Zambia" ZW "Zimbabwe"
}

/// The member states of the European Union in 2026. Northern Ireland is no country of its own here: its XI begins
/// numbers for VAT and nothing else.
const EUROPEAN_UNION: [Country; 27] = [
    Country::AT,
    Country::BE,
    Country::BG,
    Country::CY,
    Country::CZ,
    Country::DE,
    Country::DK,
    Country::EE,
    Country::ES,
    Country::FI,
    Country::FR,
    Country::GR,
    Country::HR,
    Country::HU,
    Country::IE,
    Country::IT,
    Country::LT,
    Country::LU,
    Country::LV,
    Country::MT,
    Country::NL,
    Country::PL,
    Country::PT,
    Country::RO,
    Country::SE,
    Country::SI,
    Country::SK,
];

impl Country {
    /// The country with a code of two capital letters, as in `DE`.
    pub fn from_code(code: &str) -> Option<Country> {
        Country::ALL.iter().copied().find(|country| country.code == code)
    }

    /// Two capital letters: `DE`.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// The short English name: `Germany`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether it is one of the 27 member states. Territories with a code of their own, like Åland, are not.
    pub fn is_in_european_union(self) -> bool {
        EUROPEAN_UNION.contains(&self)
    }
}

impl std::fmt::Display for Country {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn there_are_249_countries_with_a_code_and_a_name_each() {
        assert_eq!(Country::ALL.len(), 249);
        assert_eq!(Country::ALL.iter().map(|country| country.code()).collect::<HashSet<_>>().len(), 249);
        assert_eq!(Country::ALL.iter().map(|country| country.name()).collect::<HashSet<_>>().len(), 249);
        assert!(Country::ALL.iter().all(|country| country.code().len() == 2 && country.code() == country.code().to_uppercase()));
    }

    #[test]
    fn countries_stand_in_the_order_of_their_names() {
        let plain = |name: &str| {
            let accents = [("Å", "a"), ("ô", "o"), ("ç", "c"), ("é", "e"), ("ã", "a"), ("í", "i"), ("ü", "u"), ("’", "")];
            accents.iter().fold(name.to_owned(), |name, (accent, letter)| name.replace(accent, letter)).to_lowercase()
        };
        let names: Vec<String> = Country::ALL.iter().map(|country| plain(country.name())).collect();
        assert!(names.iter().all(|name| name.is_ascii()));
        assert!(names.is_sorted());
    }

    #[test]
    fn a_country_is_found_by_its_code() {
        assert_eq!(Country::from_code("DE").map(Country::name), Some("Germany"));
        assert_eq!(Country::from_code("AX"), Some(Country::AX));
        for none in ["", "de", "XI", "EL", "EU", "UK", "DEU"] {
            assert_eq!(Country::from_code(none), None, "{none}");
        }
        assert!(Country::ALL.iter().all(|country| Country::from_code(country.code()) == Some(*country)));
    }

    #[test]
    fn the_european_union_has_27_members() {
        assert_eq!(Country::ALL.iter().filter(|country| country.is_in_european_union()).count(), 27);
        for outside in [Country::GB, Country::CH, Country::NO, Country::IS, Country::AX, Country::MC, Country::UA] {
            assert!(!outside.is_in_european_union(), "{outside}");
        }
    }
}
