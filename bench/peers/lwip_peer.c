// lwIP (Debian's liblwip) doing what the suite "tcp" measures: two interfaces joined in memory, both ends on one thread, raw API, every byte copied out and compared.
// A frame is copied once between the interfaces, as a driver's DMA would: lwIP changes headers in place on both sides, so that they cannot share one buffer.
//
//   lwip_peer bulk MTU RUNS BYTES      one line a run: gigabits a second
//   lwip_peer trips 0 RUNS COUNT       one line a run: million round trips of 64 bytes a second
#include <lwip/init.h>
#include <lwip/ip4.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATTERN = 1 << 20, QUEUE = 4096, MESSAGE = 64, PORT = 7 };

struct port {
  struct netif netif;
  struct port *peer;
  struct pbuf *queue[QUEUE];
  unsigned head, tail;
};

struct end {
  struct tcp_pcb *pcb;
  unsigned long sent, received;
};

static struct port ports[2];
static struct end client, server;
static unsigned char pattern[2 * PATTERN], sink[65535];
static int echoes;

static void fail(const char *why) {
  fprintf(stderr, "lwip_peer: %s\n", why);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static err_t transmit(struct netif *netif, struct pbuf *p, const ip4_addr_t *to) {
  struct port *peer = ((struct port *)netif->state)->peer;
  (void)to;
  if (peer->tail - peer->head == QUEUE) {
    return ERR_OK; // lost, as on a wire
  }
  struct pbuf *copy = pbuf_alloc(PBUF_RAW, p->tot_len, PBUF_RAM);
  if (copy == NULL || pbuf_copy(copy, p) != ERR_OK) {
    fail("out of memory");
  }
  peer->queue[peer->tail++ % QUEUE] = copy;
  return ERR_OK;
}

static u16_t mtu;

static err_t start(struct netif *netif) {
  netif->output = transmit;
  netif->mtu = mtu;
  netif->flags = NETIF_FLAG_UP | NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

static void poll(void) {
  for (int i = 0; i < 2; i++) {
    struct port *port = &ports[i];
    for (unsigned until = port->tail; port->head != until;) {
      struct pbuf *p = port->queue[port->head++ % QUEUE];
      if (ip4_input(p, &port->netif) != ERR_OK) {
        pbuf_free(p);
      }
    }
  }
}

static err_t receive(void *argument, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
  struct end *end = argument;
  if (p == NULL || error != ERR_OK) {
    fail("the connection ended");
  }
  u16_t length = pbuf_copy_partial(p, sink, sizeof sink, 0);
  if (length != p->tot_len || memcmp(sink, pattern + end->received % PATTERN, length) != 0) {
    fail("a wrong byte");
  }
  end->received += length;
  tcp_recved(pcb, length);
  pbuf_free(p);
  if (echoes && end == &server && (tcp_write(pcb, sink, length, TCP_WRITE_FLAG_COPY) != ERR_OK || tcp_output(pcb) != ERR_OK)) {
    fail("tcp_write");
  }
  return ERR_OK;
}

static err_t established(void *argument, struct tcp_pcb *pcb, err_t error) {
  (void)argument;
  (void)pcb;
  return error;
}

static err_t accepted(void *argument, struct tcp_pcb *pcb, err_t error) {
  (void)argument;
  server.pcb = pcb;
  tcp_arg(pcb, &server);
  tcp_recv(pcb, receive);
  tcp_nagle_disable(pcb);
  return error;
}

static void join(void) {
  ip4_addr_t mask;
  IP4_ADDR(&mask, 255, 255, 255, 0);
  for (int i = 0; i < 2; i++) {
    ip4_addr_t address;
    IP4_ADDR(&address, 192, 0, 2 + i, 1);
    ports[i].peer = &ports[1 - i];
    netif_add(&ports[i].netif, &address, &mask, &address, &ports[i], start, ip4_input);
    netif_set_up(&ports[i].netif);
    netif_set_link_up(&ports[i].netif);
  }
  struct tcp_pcb *listener = tcp_new();
  tcp_bind(listener, IP_ANY_TYPE, PORT);
  tcp_bind_netif(listener, &ports[1].netif);
  listener = tcp_listen(listener);
  tcp_accept(listener, accepted);
  client.pcb = tcp_new();
  tcp_arg(client.pcb, &client);
  tcp_recv(client.pcb, receive);
  tcp_nagle_disable(client.pcb);
  tcp_bind(client.pcb, netif_ip_addr4(&ports[0].netif), 0);
  tcp_bind_netif(client.pcb, &ports[0].netif);
  if (tcp_connect(client.pcb, netif_ip_addr4(&ports[1].netif), PORT, established) != ERR_OK) {
    fail("tcp_connect");
  }
  while (server.pcb == NULL || client.pcb->state != ESTABLISHED) {
    poll();
  }
}

static double bulk(unsigned long bytes) {
  double begin = now();
  unsigned long until = server.received + bytes;
  unsigned idle = 0;
  while (server.received < until) {
    unsigned long room = tcp_sndbuf(client.pcb);
    if (room > until - client.sent) {
      room = until - client.sent;
    }
    room = room > 32768 ? 32768 : room;
    if (room != 0 && tcp_write(client.pcb, pattern + client.sent % PATTERN, (u16_t)room, TCP_WRITE_FLAG_COPY) == ERR_OK) {
      client.sent += room;
      tcp_output(client.pcb);
    }
    poll();
    if (++idle % 1024 == 0) {
      sys_check_timeouts();
    }
  }
  return (double)bytes * 8e-9 / (now() - begin);
}

static double trips(unsigned long count) {
  echoes = 1;
  double begin = now();
  for (unsigned long i = 0; i < count; i++) {
    unsigned long until = client.received + MESSAGE;
    if (tcp_write(client.pcb, pattern + client.sent % PATTERN, MESSAGE, TCP_WRITE_FLAG_COPY) != ERR_OK || tcp_output(client.pcb) != ERR_OK) {
      fail("tcp_write");
    }
    client.sent += MESSAGE;
    while (client.received < until) {
      poll();
    }
    if (i % 1024 == 0) {
      sys_check_timeouts();
    }
  }
  return (double)count * 1e-6 / (now() - begin);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fail("usage: lwip_peer bulk|trips MTU RUNS AMOUNT");
  }
  int is_bulk = strcmp(argv[1], "bulk") == 0;
  mtu = (u16_t)(is_bulk ? atoi(argv[2]) : 1500);
  for (int i = 0; i < PATTERN; i++) {
    pattern[i] = pattern[i + PATTERN] = (unsigned char)rand();
  }
  lwip_init();
  join();
  int runs = atoi(argv[3]);
  unsigned long amount = strtoul(argv[4], NULL, 10);
  for (int i = 0; i < runs; i++) {
    printf("%.4f\n", is_bulk ? bulk(amount) : trips(amount));
    fflush(stdout);
  }
  return 0;
}
