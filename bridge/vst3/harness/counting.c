#define _GNU_SOURCE
#include "counting.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INTERPOSES 0
#else
#define INTERPOSES 1
#endif

#if defined(__x86_64__) && INTERPOSES
#define DISPATCHES 1
#else
#define DISPATCHES 0
#endif

static __thread int watching;
static __thread struct hexachord_counts counts = { 0, 0, 0, -1 };

/* --- system calls -------------------------------------------------------------------------- */

static int dispatches;

#if DISPATCHES

/* Older C libraries do not name them. */
#define SET_SYSCALL_USER_DISPATCH 59
#define DISPATCH_ON 1

enum
{
    allow = 0,
    block = 1
};

/* The kernel reads this at every system call of the thread. */
static __thread volatile char selector = allow;

/* Counts one call, makes it after all, and catches no more until the next watch begins: returning
   from a signal is a system call too. */
static void on_system_call (int signal_number, siginfo_t* info, void* context)
{
    greg_t* registers = ((ucontext_t*) context)->uc_mcontext.gregs;
    (void) signal_number;
    selector = allow;
    ++counts.system_calls;
    if (counts.first_system_call < 0)
        counts.first_system_call = info->si_syscall;
    const long result = syscall (info->si_syscall,
                                 registers[REG_RDI],
                                 registers[REG_RSI],
                                 registers[REG_RDX],
                                 registers[REG_R10],
                                 registers[REG_R8],
                                 registers[REG_R9]);
    registers[REG_RAX] = result == -1 ? -errno : result;
}

void hexachord_watch_thread (void)
{
    struct sigaction action;
    memset (&action, 0, sizeof action);
    action.sa_sigaction = on_system_call;
    action.sa_flags = SA_SIGINFO;
    sigaction (SIGSYS, &action, NULL);
    dispatches = prctl (SET_SYSCALL_USER_DISPATCH, DISPATCH_ON, 0, 0, &selector) == 0;
}

static void catch_system_calls (int wanted) { selector = wanted && dispatches ? block : allow; }

#else

void hexachord_watch_thread (void) {}
static void catch_system_calls (int wanted) { (void) wanted; }

#endif

void hexachord_watch_begin (void)
{
    watching = 1;
    catch_system_calls (1);
}

void hexachord_watch_end (void)
{
    catch_system_calls (0);
    watching = 0;
}

struct hexachord_counts hexachord_counted (void) { return counts; }
int hexachord_counts_calls (void) { return INTERPOSES; }
int hexachord_counts_system_calls (void) { return dispatches; }

/* --- heap and locks ------------------------------------------------------------------------ */

#if INTERPOSES

extern void* __libc_malloc (size_t);
extern void* __libc_calloc (size_t, size_t);
extern void* __libc_realloc (void*, size_t);
extern void* __libc_memalign (size_t, size_t);
extern void __libc_free (void*);

static void heap_call (void)
{
    if (watching)
        ++counts.heap;
}

void* malloc (size_t size)
{
    heap_call();
    return __libc_malloc (size);
}

void* calloc (size_t count, size_t size)
{
    heap_call();
    return __libc_calloc (count, size);
}

void* realloc (void* old, size_t size)
{
    heap_call();
    return __libc_realloc (old, size);
}

void free (void* old)
{
    heap_call();
    __libc_free (old);
}

void* memalign (size_t alignment, size_t size)
{
    heap_call();
    return __libc_memalign (alignment, size);
}

void* aligned_alloc (size_t alignment, size_t size) { return memalign (alignment, size); }

int posix_memalign (void** out, size_t alignment, size_t size)
{
    *out = memalign (alignment, size);
    return *out == NULL ? ENOMEM : 0;
}

static void find_next (const char* name, void* function)
{
    void* found = dlsym (RTLD_NEXT, name);
    memcpy (function, &found, sizeof found);
}

#define COUNTED(name, parameters, arguments)                       \
    int name parameters                                            \
    {                                                              \
        static int (*real) parameters;                             \
        if (watching)                                              \
            ++counts.locks;                                        \
        if (real == NULL)                                          \
            find_next (#name, &real);                              \
        return real arguments;                                     \
    }

typedef const struct timespec* Time;

COUNTED (pthread_mutex_lock, (pthread_mutex_t * it), (it))
COUNTED (pthread_mutex_trylock, (pthread_mutex_t * it), (it))
COUNTED (pthread_mutex_timedlock, (pthread_mutex_t * it, Time until), (it, until))
COUNTED (pthread_mutex_unlock, (pthread_mutex_t * it), (it))
COUNTED (pthread_rwlock_rdlock, (pthread_rwlock_t * it), (it))
COUNTED (pthread_rwlock_wrlock, (pthread_rwlock_t * it), (it))
COUNTED (pthread_rwlock_tryrdlock, (pthread_rwlock_t * it), (it))
COUNTED (pthread_rwlock_trywrlock, (pthread_rwlock_t * it), (it))
COUNTED (pthread_spin_lock, (pthread_spinlock_t * it), (it))
COUNTED (pthread_spin_trylock, (pthread_spinlock_t * it), (it))
COUNTED (pthread_cond_wait, (pthread_cond_t * it, pthread_mutex_t* mutex), (it, mutex))
COUNTED (pthread_cond_timedwait,
         (pthread_cond_t * it, pthread_mutex_t* mutex, Time until),
         (it, mutex, until))
COUNTED (pthread_cond_signal, (pthread_cond_t * it), (it))
COUNTED (pthread_cond_broadcast, (pthread_cond_t * it), (it))

#endif
