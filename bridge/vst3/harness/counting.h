/* Counts what must not happen on an audio thread: heap calls, locks, system calls.
 *
 * Heap and lock calls are interposed: the program's own malloc, free, pthread_mutex_lock and so on
 * count and pass on. System calls are caught by the kernel (syscall user dispatch, Linux 5.11 on
 * x86-64), which no library can bypass. Counting is per thread and only between the two calls below.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct hexachord_counts
{
    long heap, locks, system_calls;
    long first_system_call; /* its number; -1 if there was none */
};

/* Gets the calling thread ready, once. */
void hexachord_watch_thread (void);

/* Between these two everything on this thread counts; counts add up over the thread's life. */
void hexachord_watch_begin (void);
void hexachord_watch_end (void);
struct hexachord_counts hexachord_counted (void);

/* Whether this build and this kernel can count at all: sanitizers bring their own malloc. */
int hexachord_counts_calls (void);
int hexachord_counts_system_calls (void);

#ifdef __cplusplus
}
#endif
