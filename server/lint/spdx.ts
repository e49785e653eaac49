/** Common identifiers of https://spdx.org/licenses/, as written there. */
const licenses = new Set(
  (
    "0BSD AFL-3.0 AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.0 Apache-1.1 Apache-2.0 " +
    "APSL-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause " +
    "BSD-3-Clause-Clear BSD-3-Clause-LBNL BSD-4-Clause BSD-Source-Code BSL-1.0 BUSL-1.1 bzip2-1.0.6 CC-BY-3.0 CC-BY-4.0 CC-BY-NC-4.0 " +
    "CC-BY-NC-ND-4.0 CC-BY-NC-SA-4.0 CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CECILL-2.1 CECILL-B CECILL-C " +
    "CPAL-1.0 CPL-1.0 curl ECL-2.0 EFL-2.0 Elastic-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP FSFUL FTL GFDL-1.2-only " +
    "GFDL-1.2-or-later GFDL-1.3 GFDL-1.3-only GFDL-1.3-or-later GPL-1.0 GPL-1.0-only GPL-1.0-or-later GPL-2.0 GPL-2.0-only " +
    "GPL-2.0-or-later GPL-3.0 GPL-3.0-only GPL-3.0-or-later HPND ICU IJG Intel IPA IPL-1.0 ISC JSON LGPL-2.0 LGPL-2.0-only " +
    "LGPL-2.0-or-later LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later Libpng libpng-2.0 libtiff LPL-1.02 " +
    "LPPL-1.3c MIT MIT-0 MIT-CMU MIT-Modern-Variant MPL-1.0 MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-1.0 " +
    "MulanPSL-2.0 NAIST-2003 NASA-1.3 NCSA NPL-1.1 NTP ODbL-1.0 OFL-1.1 OLDAP-2.8 OpenSSL OSL-3.0 PDDL-1.0 PHP-3.0 PHP-3.01 " +
    "PostgreSQL PSF-2.0 Python-2.0 Python-2.0.1 QPL-1.0 Ruby Sendmail SGI-B-2.0 SISSL Sleepycat SPL-1.0 SSPL-1.0 TCL Unicode-3.0 " +
    "Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C WTFPL X11 Xnet Zend-2.0 Zimbra-1.4 Zlib zlib-acknowledgement ZPL-2.0 ZPL-2.1 " +
    "NONE NOASSERTION"
  ).split(" "),
);

/** SPDX specification 2.3, annex D: identifiers, `WITH` an exception, `AND`, `OR` and parentheses. */
export function isLicenseExpression(text: string): boolean {
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const compound = (depth: number): boolean => {
    if (depth > 50) return false;
    do {
      if (words[at] === "(") {
        at += 1;
        if (!compound(depth + 1) || words[at] !== ")") return false;
        at += 1;
      } else if (!simple()) {
        return false;
      }
    } while (/^(?:AND|OR)$/i.test(words[at] ?? "") && ++at > 0);
    return true;
  };
  const simple = (): boolean => {
    const word = words[at++] ?? "";
    if (!isLicense(word)) return false;
    if (!/^with$/i.test(words[at] ?? "")) return true;
    at += 2;
    return /^[A-Za-z][\w.-]*$/.test(words[at - 1] ?? "");
  };
  return compound(0) && at === words.length;
}

/** Case does not count (annex D.2). */
function isLicense(word: string): boolean {
  if (/^(?:DocumentRef-[\w.-]+:)?LicenseRef-[\w.-]+$/.test(word)) return true;
  return lowerCase.has(word.replace(/\+$/, "").toLowerCase());
}

const lowerCase = new Set([...licenses].map((name) => name.toLowerCase()));
