#include "cli/aside.h"
#include "base/check.h"
#include <pthread.h>
#include <stdlib.h>

enum phase { IDLE, WORKING, ENDING };

struct aside {
    void (*work)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; /* of phase */
    pthread_cond_t changed;
    enum phase phase;
};

static void turn_to(struct aside *aside, enum phase phase)
{
    (void)pthread_mutex_lock(&aside->lock);
    aside->phase = phase;
    (void)pthread_cond_broadcast(&aside->changed);
    (void)pthread_mutex_unlock(&aside->lock);
}

/* Returns the phase that it has come to. */
static enum phase wait_while(struct aside *aside, enum phase phase)
{
    (void)pthread_mutex_lock(&aside->lock);
    while (aside->phase == phase) {
        (void)pthread_cond_wait(&aside->changed, &aside->lock);
    }
    enum phase now = aside->phase;
    (void)pthread_mutex_unlock(&aside->lock);
    return now;
}

static void *run(void *context)
{
    struct aside *aside = context;
    while (wait_while(aside, IDLE) == WORKING) {
        aside->work(aside->context);
        turn_to(aside, IDLE);
    }
    return NULL;
}

struct aside *aside_new(void (*work)(void *context), void *context)
{
    REQUIRE(work != NULL);
    struct aside *aside = calloc(1, sizeof *aside);
    if (aside == NULL) {
        return NULL;
    }
    aside->work = work;
    aside->context = context;
    (void)pthread_mutex_init(&aside->lock, NULL);
    (void)pthread_cond_init(&aside->changed, NULL);
    if (pthread_create(&aside->thread, NULL, run, aside) != 0) {
        free(aside);
        return NULL;
    }
    return aside;
}

struct aside *aside_free(struct aside *aside)
{
    if (aside != NULL) {
        aside_wait(aside);
        turn_to(aside, ENDING);
        (void)pthread_join(aside->thread, NULL);
        (void)pthread_cond_destroy(&aside->changed);
        (void)pthread_mutex_destroy(&aside->lock);
        free(aside);
    }
    return NULL;
}

void aside_begin(struct aside *aside)
{
    REQUIRE(aside != NULL);
    aside_wait(aside);
    turn_to(aside, WORKING);
}

void aside_wait(struct aside *aside)
{
    REQUIRE(aside != NULL);
    (void)wait_while(aside, WORKING);
}
