#include "currency.h"

#include <string.h>

#define ENTRY_BYTES 5u

/* Code and digits behind the point, in order of the codes. */
static const char known[] =
    "ADP2 AED2 AFA2 AFN2 ALL2 AMD2 ANG2 AOA2 ARS2 ATS2 AUD2 "
    "AWG2 AZM2 AZN2 BAM2 BBD2 BDT2 BEF2 BGL2 BGN2 BHD3 BIF0 "
    "BMD2 BND2 BOB2 BOV2 BRL2 BSD2 BTN2 BWP2 BYB2 BYN2 BYR2 "
    "BZD2 CAD2 CDF2 CHE2 CHF2 CHW2 CLF2 CLP0 CNY2 COP2 COU2 "
    "CRC2 CSD2 CUC2 CUP2 CVE2 CYP2 CZK2 DEM2 DJF0 DKK2 DOP2 "
    "DZD2 EEK2 EGP2 ERN2 ESP2 ETB2 EUR2 FIM2 FJD2 FKP2 FRF2 "
    "GBP2 GEL2 GHC2 GHS2 GIP2 GMD2 GNF0 GRD2 GTQ2 GWP2 GYD2 "
    "HKD2 HNL2 HRK2 HTG2 HUF2 IDR2 IEP2 ILS2 INR2 IQD3 IRR2 "
    "ISK0 ITL2 JMD2 JOD3 JPY0 KES2 KGS2 KHR2 KMF0 KPW2 KRW0 "
    "KWD3 KYD2 KZT2 LAK2 LBP2 LKR2 LRD2 LSL2 LTL2 LUF2 LVL2 "
    "LYD3 MAD2 MDL2 MGA2 MGF2 MKD2 MMK2 MNT2 MOP2 MRO2 MRU2 "
    "MTL2 MUR2 MVR2 MWK2 MXN2 MXV2 MYR2 MZM2 MZN2 NAD2 NGN2 "
    "NIO2 NLG2 NOK2 NPR2 NZD2 OMR3 PAB2 PEN2 PGK2 PHP2 PKR2 "
    "PLN2 PTE2 PYG0 QAR2 ROL2 RON2 RSD2 RUB2 RUR2 RWF0 SAR2 "
    "SBD2 SCR2 SDD2 SDG2 SEK2 SGD2 SHP2 SIT2 SKK2 SLE2 SLL2 "
    "SOS2 SRD2 SRG2 SSP2 STD2 STN2 SVC2 SYP2 SZL2 THB2 TJS2 "
    "TMM2 TMT2 TND3 TOP2 TPE2 TRL2 TRY2 TTD2 TWD2 TZS2 UAH2 "
    "UGX0 USD2 USN2 USS2 UYI0 UYU2 UYW2 UZS2 VEB2 VED2 VEF2 "
    "VES2 VND0 VUV0 WST2 XAD2 XAF0 XAG2 XAU2 XBA2 XBB2 XBC2 "
    "XBD2 XCD2 XCG2 XDR2 XOF0 XPD2 XPF0 XPT2 XSU2 XUA2 YER2 "
    "YUM2 ZAR2 ZMK2 ZMW2 ZWD2 ZWG2 ZWL2 ZWN2 ZWR2 ";

/* The entry of a code, or NULL. */
static const char *find(struct sp_slice code)
{
    size_t low = 0, high = (sizeof known - 1) / ENTRY_BYTES;

    while (code.size == 3 && low < high) {
        size_t middle = (low + high) / 2;
        const char *entry = known + middle * ENTRY_BYTES;
        int order = memcmp(code.data, entry, 3);
        if (order == 0) {
            return entry;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

bool sp_currency_known(struct sp_slice code)
{
    return find(code) != NULL;
}

unsigned sp_currency_digits(struct sp_slice code)
{
    const char *entry = find(code);

    return entry == NULL ? 2 : (unsigned)(entry[3] - '0');
}
