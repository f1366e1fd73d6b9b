/* The profiles of src/veneer/colour/icc.py, with curves by tables. Sources: ITU-T H.273 (07/2024), tables 2 and 3;
 * ICC.1:2022, chapters 7 to 10 and annex E; ITU-R BT.2100-3, table 5; ITU-R BT.2390-11, 5.4.1, for the roll-off. */
#include "profile.h"

#include <math.h>
#include <string.h>

enum {
  kHeaderSize = 128,
  kTableEntries = 255 * 4 + 1, /* so that samples of 8 bits fall on entries */
  kTagCount = 10,
  kPrimaries709 = 1,
  kUnspecified = 2,
  kSrgbCurve = 13,
  kPq = 16,
  kHlg = 18,
};

static const double kD50[3] = {0.9642, 1.0, 0.8249};
static const double kBradford[3][3] = {{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}};
static const double kPeak = 1000, kWhite = 203; /* cd/m2: of most masters, and of diffuse white (ITU-R BT.2408) */

/* x and y of red, green, blue and white. */
typedef struct Chromaticities {
  int code;
  double xy[4][2];
} Chromaticities;

#define D65 {0.3127, 0.3290}
#define ILLUMINANT_C {0.310, 0.316}
static const Chromaticities kChromaticities[] = {
    {1, {{0.640, 0.330}, {0.300, 0.600}, {0.150, 0.060}, D65}},
    {4, {{0.67, 0.33}, {0.21, 0.71}, {0.14, 0.08}, ILLUMINANT_C}},
    {5, {{0.64, 0.33}, {0.29, 0.60}, {0.15, 0.06}, D65}},
    {6, {{0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}, D65}},
    {7, {{0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}, D65}},
    {8, {{0.681, 0.319}, {0.243, 0.692}, {0.145, 0.049}, ILLUMINANT_C}},
    {9, {{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}, D65}},
    {10, {{1.0, 0.0}, {0.0, 1.0}, {0.0, 0.0}, {1.0 / 3, 1.0 / 3}}},
    {11, {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, {0.314, 0.351}}},
    {12, {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, D65}},
    {22, {{0.630, 0.340}, {0.295, 0.605}, {0.155, 0.077}, D65}},
};

static double pq_nits(double sample) {
  const double power = pow(sample, 4096.0 / 2523 / 128);
  const double light = fmax(power - 3424.0 / 4096, 0) / (2413.0 / 128 - 2392.0 / 128 * power);
  return 10000 * pow(light, 16384.0 / 2610);
}

static double pq_sample(double nits) {
  const double power = pow(nits / 10000, 2610.0 / 16384);
  return pow((3424.0 / 4096 + 2413.0 / 128 * power) / (1 + 2392.0 / 128 * power), 2523.0 / 32);
}

static double hlg_nits(double sample) {
  const double a = 0.17883277, b = 0.28466892, c = 0.55991073;
  const double scene = sample <= 0.5 ? sample * sample / 3 : (exp((sample - c) / a) + b) / 12;
  return kPeak * pow(scene, 1.2);
}

/* Light 0..1 of a display with that white: a line, then the spline of BT.2390. */
static double rolled_off(double nits) {
  const double peak = pq_sample(kPeak), top = pq_sample(kWhite) / peak, knee = 1.5 * top - 0.5;
  const double source = fmin(pq_sample(nits) / peak, 1);
  double shown = source;
  if (source >= knee) {
    const double t = (source - knee) / (1 - knee), t2 = t * t, t3 = t2 * t;
    shown = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (3 * t2 - 2 * t3) * top;
  }
  return fmin(pq_nits(shown * peak) / kWhite, 1);
}

/* The inverse of a camera's curve. */
static double line_and_power(double sample, double alpha, double slope, double threshold, double gamma) {
  return sample < threshold ? sample / slope : pow((sample + alpha - 1) / alpha, gamma);
}

/* Linear light 0..1 of a sample 0..1; negative where the code is unknown. */
static double light_of(int transfer, double sample) {
  switch (transfer) {
    case 1:
    case 6:
    case 11:
    case 12:
    case 14:
    case 15:
      return line_and_power(sample, 1.099296826809442, 4.5, 4.5 * 0.018053968510807, 1 / 0.45);
    case 4:
      return pow(sample, 2.2);
    case 5:
      return pow(sample, 2.8);
    case 7:
      return line_and_power(sample, 1.1115, 4, 4 * 0.0228, 1 / 0.45);
    case 8:
      return sample;
    case 9:
      return sample > 0 ? pow(10, 2 * (sample - 1)) : 0;
    case 10:
      return sample > 0 ? pow(10, 2.5 * (sample - 1)) : 0;
    case kSrgbCurve:
      return line_and_power(sample, 1.055, 12.92, 0.04045, 2.4);
    case kPq:
      return rolled_off(pq_nits(sample));
    case 17:
      return fmin(52.37 / 48 * pow(sample, 2.6), 1);
    case kHlg:
      return rolled_off(hlg_nits(sample));
    default:
      return -1;
  }
}

static void invert(const double m[3][3], double result[3][3]) {
  double determinant = 0;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) { /* by cofactors; indices modulo 3 give their signs */
      const int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
      result[i][j] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
    }
    determinant += m[0][i] * result[i][0];
  }
  for (int i = 0; i < 9; ++i) result[i / 3][i % 3] /= determinant;
}

static void multiply(const double a[3][3], const double b[3][3], double result[3][3]) {
  for (int i = 0; i < 9; ++i) {
    double sum = 0;
    for (int k = 0; k < 3; ++k) sum += a[i / 3][k] * b[k][i % 3];
    result[i / 3][i % 3] = sum;
  }
}

static void apply(const double m[3][3], const double v[3], double result[3]) {
  for (int i = 0; i < 3; ++i) result[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
}

/* XYZ of red, green and blue as columns, adapted to D50 by Bradford's method, and the adaptation. */
static void adapt(const Chromaticities* of, double colorants[3][3], double adaptation[3][3]) {
  double primaries[3][3], inverse[3][3], amounts[3], cones[3], cones_of_d50[3], scaled[3][3];
  for (int c = 0; c < 3; ++c) {
    primaries[0][c] = of->xy[c][0];
    primaries[1][c] = of->xy[c][1];
    primaries[2][c] = 1 - of->xy[c][0] - of->xy[c][1];
  }
  const double x = of->xy[3][0], y = of->xy[3][1];
  const double white[3] = {x / y, 1, (1 - x - y) / y};
  invert(primaries, inverse);
  apply(inverse, white, amounts);
  apply(kBradford, white, cones);
  apply(kBradford, kD50, cones_of_d50);
  for (int i = 0; i < 9; ++i) scaled[i / 3][i % 3] = kBradford[i / 3][i % 3] * cones_of_d50[i / 3] / cones[i / 3];
  invert(kBradford, inverse);
  multiply(inverse, scaled, adaptation);
  for (int i = 0; i < 9; ++i) primaries[i / 3][i % 3] *= amounts[i % 3];
  multiply(adaptation, primaries, colorants);
}

static void put_16(GByteArray* to, guint value) {
  const guint8 bytes[] = {(guint8)(value >> 8), (guint8)value};
  g_byte_array_append(to, bytes, sizeof bytes);
}

static void put_32(GByteArray* to, guint32 value) {
  put_16(to, value >> 16);
  put_16(to, value & 0xffff);
}

/* Four characters. */
static void put_name(GByteArray* to, const gchar* name) { g_byte_array_append(to, (const guint8*)name, 4); }

/* s15Fixed16Number. */
static void put_fixed(GByteArray* to, double value) { put_32(to, (guint32)(gint32)lrint(value * 65536)); }

static void put_type(GByteArray* to, const gchar* name) {
  put_name(to, name);
  put_32(to, 0);
}

static void put_xyz(GByteArray* to, double x, double y, double z) {
  put_type(to, "XYZ ");
  put_fixed(to, x);
  put_fixed(to, y);
  put_fixed(to, z);
}

static void put_text(GByteArray* to, const gchar* text) {
  const guint size = 2 * (guint)strlen(text);
  put_type(to, "mluc");
  put_32(to, 1);
  put_32(to, 12); /* bytes of a record */
  put_name(to, "enUS");
  put_32(to, size);
  put_32(to, 28); /* where the text begins */
  for (; *text != '\0'; ++text) put_16(to, (guint8)*text);
}

static void put_curve(GByteArray* to, int transfer, gboolean full_range) {
  put_type(to, "curv");
  put_32(to, kTableEntries);
  for (int i = 0; i < kTableEntries; ++i) {
    double sample = (double)i / (kTableEntries - 1);
    if (!full_range) sample = CLAMP((sample * 255 - 16) / 219, 0.0, 1.0); /* black and steps of video range */
    put_16(to, (guint)lrint(light_of(transfer, sample) * 65535));
  }
}

/* Writes the place and size of a tag into the table, of what has been added from `start` on, and pads it. */
static void end_tag(GByteArray* profile, guint* entry, const gchar* name, guint start, guint size) {
  guint8* at = profile->data + kHeaderSize + 4 + 12 * (*entry)++;
  const guint32 place = GUINT32_TO_BE(start), length = GUINT32_TO_BE(size);
  memcpy(at, name, 4);
  memcpy(at + 4, &place, 4);
  memcpy(at + 8, &length, 4);
  while (profile->len % 4 != 0) g_byte_array_append(profile, (const guint8*)"", 1);
}

static void put_header(GByteArray* profile) {
  put_32(profile, 0); /* the size, which is known at the end */
  put_32(profile, 0);
  put_32(profile, 0x04300000); /* version 4.3 */
  put_name(profile, "mntr");
  put_name(profile, "RGB ");
  put_name(profile, "XYZ ");
  for (int i = 0; i < 6; ++i) put_16(profile, i == 0 ? 2026 : i < 3); /* made on a day that never changes */
  put_name(profile, "acsp");
  while (profile->len < 68) put_32(profile, 0);
  for (int i = 0; i < 3; ++i) put_fixed(profile, kD50[i]);
  while (profile->len < kHeaderSize) put_32(profile, 0);
  put_32(profile, kTagCount);
  for (int i = 0; i < 3 * kTagCount; ++i) put_32(profile, 0);
}

GByteArray* veneer_profile_of_codes(int primaries, int transfer, gboolean full_range) {
  if (primaries == kUnspecified) primaries = kPrimaries709;
  if (transfer == kUnspecified) transfer = kSrgbCurve;
  if ((primaries == kPrimaries709 && transfer == kSrgbCurve && full_range) || light_of(transfer, 0) < 0) return NULL;
  const Chromaticities* of = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(kChromaticities); ++i) {
    if (kChromaticities[i].code == primaries) of = &kChromaticities[i];
  }
  if (of == NULL) return NULL;
  double colorants[3][3], adaptation[3][3];
  adapt(of, colorants, adaptation);

  GByteArray* profile = g_byte_array_new();
  put_header(profile);
  guint entry = 0, start = profile->len;
  gchar* title = g_strdup_printf("ITU-T H.273 %d/%d", primaries, transfer);
  put_text(profile, title);
  g_free(title);
  end_tag(profile, &entry, "desc", start, profile->len - start);
  start = profile->len;
  put_text(profile, "No copyright");
  end_tag(profile, &entry, "cprt", start, profile->len - start);
  start = profile->len;
  put_xyz(profile, kD50[0], kD50[1], kD50[2]);
  end_tag(profile, &entry, "wtpt", start, profile->len - start);
  start = profile->len;
  put_type(profile, "sf32");
  for (int i = 0; i < 9; ++i) put_fixed(profile, adaptation[i / 3][i % 3]);
  end_tag(profile, &entry, "chad", start, profile->len - start);
  static const gchar* const kColorantTags[] = {"rXYZ", "gXYZ", "bXYZ"};
  for (int c = 0; c < 3; ++c) {
    start = profile->len;
    put_xyz(profile, colorants[0][c], colorants[1][c], colorants[2][c]);
    end_tag(profile, &entry, kColorantTags[c], start, profile->len - start);
  }
  start = profile->len;
  put_curve(profile, transfer, full_range);
  const guint size = profile->len - start;
  end_tag(profile, &entry, "rTRC", start, size); /* one curve for all */
  end_tag(profile, &entry, "gTRC", start, size);
  end_tag(profile, &entry, "bTRC", start, size);
  const guint32 whole = GUINT32_TO_BE(profile->len);
  memcpy(profile->data, &whole, 4);
  return profile;
}
