#include "domain/money.h"
#include "unit/testing.h"

static const char *const codes[] = {
#define CURRENCY(code, decimals, name) code,
#include "domain/currency.def"
#undef CURRENCY
};

static void the_table_is_sorted_so_every_currency_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct currency currency;
        assert_row(currency_parse(str_from(codes[i]), &currency) == ERR_OK, codes[i]);
        assert_row(currency_is_known(currency), codes[i]);
        assert_row(i == 0 || strcmp(codes[i - 1], codes[i]) < 0, codes[i]);
    }
}

static void decimals_are_those_of_the_amounts_that_providers_send(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int decimals;
    } rows[] = {
        {"EUR", 2},
        {"USD", 2},
        {"AED", 2},
        {"ZWL", 2},
        {"JPY", 0},
        {"KRW", 0},
        {"BIF", 0},
        {"CLP", 0},
        {"DJF", 0},
        {"GNF", 0},
        {"KMF", 0},
        {"PYG", 0},
        {"RWF", 0},
        {"VND", 0},
        {"VUV", 0},
        {"XAF", 0},
        {"XOF", 0},
        {"XPF", 0},
        {"BHD", 3},
        {"JOD", 3},
        {"KWD", 3},
        {"OMR", 3},
        {"TND", 3},
        {"CLF", 4},
        {"ISK", 2}, /* ISO: 0 */
        {"UGX", 2}, /* ISO: 0 */
        {"MGA", 0}, /* ISO: 2 */
        {"QQQ", 2}, /* unknown */
        {"", 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct currency currency = {""};
        memcpy(currency.code, rows[i].code, strlen(rows[i].code));
        assert_row(currency_decimals(currency) == rows[i].decimals, rows[i].code);
    }
}

static void a_currency_is_three_letters_in_either_case(void **state)
{
    (void)state;
    struct currency currency = {""};
    assert_err(currency_parse(STR("eUr"), &currency), ERR_OK);
    assert_string_equal(currency.code, "EUR");
    assert_err(currency_parse(STR("qqq"), &currency), ERR_OK);
    assert_string_equal(currency.code, "QQQ");
    assert_false(currency_is_known(currency));
}

static void what_is_not_three_letters_is_no_currency(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "EU", "EURO", "E R", "E1R", "EU@", "EU[", "eu`", "eu{", "\xc3\xa9U"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct currency currency = {"USD"};
        assert_row(currency_parse(str_from(texts[i]), &currency) == ERR_MALFORMED, texts[i]);
        assert_row(strcmp(currency.code, "USD") == 0, texts[i]);
    }
}

static void currencies_are_equal_by_their_code(void **state)
{
    (void)state;
    assert_true(currency_eq((struct currency){"EUR"}, (struct currency){"EUR"}));
    assert_false(currency_eq((struct currency){"EUR"}, (struct currency){"USD"}));
    assert_false(currency_eq((struct currency){"EUR"}, (struct currency){""}));
    assert_true(currency_eq((struct currency){""}, (struct currency){""}));
}

static void adding_says_when_the_sum_does_not_fit(void **state)
{
    (void)state;
    int64_t sum = 7;
    assert_err(minor_add(INT64_MAX - 1, 1, &sum), ERR_OK);
    assert_int64_equal(sum, INT64_MAX);
    assert_err(minor_add(INT64_MIN + 1, -1, &sum), ERR_OK);
    assert_int64_equal(sum, INT64_MIN);
    sum = 7;
    assert_err(minor_add(INT64_MAX, 1, &sum), ERR_OVERFLOW);
    assert_err(minor_add(INT64_MIN, -1, &sum), ERR_OVERFLOW);
    assert_int64_equal(sum, 7);
}

static void amounts_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        int64_t minor;
        const char *code;
        const char *text;
    } rows[] = {
        {0, "EUR", "0.00 EUR"},
        {5, "EUR", "0.05 EUR"},
        {-5, "EUR", "-0.05 EUR"},
        {99, "EUR", "0.99 EUR"},
        {100, "EUR", "1.00 EUR"},
        {99999, "EUR", "999.99 EUR"},
        {100000, "EUR", "1,000.00 EUR"},
        {123456, "EUR", "1,234.56 EUR"},
        {-123456, "EUR", "-1,234.56 EUR"},
        {99999999, "USD", "999,999.99 USD"},
        {100000000, "USD", "1,000,000.00 USD"},
        {0, "JPY", "0 JPY"},
        {500, "JPY", "500 JPY"},
        {-1000, "JPY", "-1,000 JPY"},
        {1234567, "JPY", "1,234,567 JPY"},
        {5, "KWD", "0.005 KWD"},
        {1234567, "KWD", "1,234.567 KWD"},
        {1, "CLF", "0.0001 CLF"},
        {12345678, "CLF", "1,234.5678 CLF"},
        {150000, "ISK", "1,500.00 ISK"},
        {1500, "MGA", "1,500 MGA"},
        {123456, "QQQ", "1,234.56 QQQ"},
        {123456, "", "1,234.56"},
        {INT64_MAX, "EUR", "92,233,720,368,547,758.07 EUR"},
        {INT64_MIN, "EUR", "-92,233,720,368,547,758.08 EUR"},
        {INT64_MAX, "JPY", "9,223,372,036,854,775,807 JPY"},
        {INT64_MIN, "JPY", "-9,223,372,036,854,775,808 JPY"},
        {INT64_MIN, "CLF", "-922,337,203,685,477.5808 CLF"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct currency currency = {""};
        memcpy(currency.code, rows[i].code, strlen(rows[i].code));
        char text[MONEY_TEXT_BYTES];
        money_format(rows[i].minor, currency, text);
        assert_string_equal(text, rows[i].text);
    }
}

static const struct {
    const char *text, *code;
    int64_t minor;
    enum err err;
} parsed[] = {
    {"5", "EUR", 500, ERR_OK},
    {"5.0", "EUR", 500, ERR_OK},
    {"1234.56", "EUR", 123456, ERR_OK},
    {"-1234.56", "EUR", -123456, ERR_OK},
    {"+0.05", "EUR", 5, ERR_OK},
    {"-0", "EUR", 0, ERR_OK},
    {"007", "JPY", 7, ERR_OK},
    {"1.2", "KWD", 1200, ERR_OK},
    {"0.0001", "CLF", 1, ERR_OK},
    {"12.34", "QQQ", 1234, ERR_OK},
    {"92233720368547758.07", "EUR", INT64_MAX, ERR_OK},
    {"-92233720368547758.08", "EUR", INT64_MIN, ERR_OK},
    {"9223372036854775807", "JPY", INT64_MAX, ERR_OK},
    {"92233720368547758.08", "EUR", 7, ERR_OVERFLOW},
    {"-92233720368547758.09", "EUR", 7, ERR_OVERFLOW},
    {"9223372036854775808", "JPY", 7, ERR_OVERFLOW},
    {"99999999999999999999999", "EUR", 7, ERR_OVERFLOW},
    {"1.234", "EUR", 7, ERR_INVALID},
    {"1.0", "JPY", 7, ERR_INVALID},
    {"", "EUR", 7, ERR_MALFORMED},
    {"-", "EUR", 7, ERR_MALFORMED},
    {".", "EUR", 7, ERR_MALFORMED},
    {".5", "EUR", 7, ERR_MALFORMED},
    {"5.", "EUR", 7, ERR_MALFORMED},
    {"5.", "JPY", 7, ERR_MALFORMED},
    {"--5", "EUR", 7, ERR_MALFORMED},
    {"5-", "EUR", 7, ERR_MALFORMED},
    {"5.-5", "EUR", 7, ERR_MALFORMED},
    {"1.2.3", "EUR", 7, ERR_MALFORMED},
    {"1,5", "EUR", 7, ERR_MALFORMED},
    {"1,000.00", "EUR", 7, ERR_MALFORMED},
    {"1e3", "EUR", 7, ERR_MALFORMED},
    {" 5", "EUR", 7, ERR_MALFORMED},
    {"5 EUR", "EUR", 7, ERR_MALFORMED},
};

static void what_programs_write_is_read_to_the_minor_unit_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parsed / sizeof parsed[0]; i++) {
        struct currency currency = {""};
        int64_t minor = 7;
        memcpy(currency.code, parsed[i].code, strlen(parsed[i].code));
        assert_row(money_parse(str_from(parsed[i].text), currency, &minor) == parsed[i].err,
            parsed[i].text);
        assert_row(minor == parsed[i].minor, parsed[i].text);
    }
}

TESTS_MAIN("money",
    TEST(the_table_is_sorted_so_every_currency_is_found),
    TEST(decimals_are_those_of_the_amounts_that_providers_send),
    TEST(a_currency_is_three_letters_in_either_case),
    TEST(what_is_not_three_letters_is_no_currency),
    TEST(currencies_are_equal_by_their_code),
    TEST(adding_says_when_the_sum_does_not_fit),
    TEST(amounts_read_as_people_write_them),
    TEST(what_programs_write_is_read_to_the_minor_unit_or_refused))
