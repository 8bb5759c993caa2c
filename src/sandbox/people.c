#include "sandbox/merchant_internal.h"

/* Some with characters beyond ASCII, because people have such names. None needs an escape in JSON.
 */
static const char *const first_names[] = {"Anna", "Bram", "Chloé", "Dieter", "Elif", "Femke",
    "Giulia", "Håkon", "Inês", "Jonas", "Katarzyna", "Lars", "Marta", "Niamh", "Oskar", "Pilar",
    "Quentin", "Renée", "Søren", "Tomáš", "Ulrike", "Vera", "Wouter", "Zoë", "美咲", "رنا"};
static const char *const last_names[] = {"Albrecht", "Bakker", "Costa", "Dubois", "Eriksen",
    "Ferrari", "Grześ", "Hughes", "Ivanova", "Jansen", "Kowalski", "Lindqvist", "Müller", "Nowak",
    "O'Brien", "Peeters", "Quirke", "Rossi", "Šimić", "Taylor", "Urban", "Vandenberghe", "Weiß",
    "山田"};
static const char *const mailboxes[] = {
    "example.com", "example.org", "example.net", "mail.example"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct person person_draw(struct merchant *merchant)
{
    uint64_t random = merchant_random(merchant);
    return (struct person){
        .first = (uint16_t)(random % COUNT(first_names)),
        .last = (uint16_t)((random >> 16) % COUNT(last_names)),
        .number = (uint32_t)(random >> 40),
    };
}

void person_name(struct person person, struct buf *to)
{
    buf_add(to, str_from(first_names[person.first % COUNT(first_names)]));
    buf_add_char(to, ' ');
    buf_add(to, str_from(last_names[person.last % COUNT(last_names)]));
}

void person_email(struct person person, struct buf *to)
{
    buf_add(to, STR("shopper."));
    buf_add_int(to, person.number);
    buf_add_char(to, '@');
    buf_add(to, str_from(mailboxes[person.number % COUNT(mailboxes)]));
}
