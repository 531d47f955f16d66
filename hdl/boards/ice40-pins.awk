# From nextpnr's SDF: the shortest and the longest way from input pads to the registers behind them, in ns, and whether both are within bounds.
#
#   awk -v pads=REGEXP -v least=NS -v most=NS -f ice40-pins.awk DESIGN.sdf
#
# The shortest is without the register's setup time, which is no delay; the longest is with it.
function delay(text) { sub(/.*\(/, "", text); return text / 1000 }
function longest(node,    i, n, to, best, way) {
  if (node in far) return far[node]
  best = node in setup ? setup[node] : -1000
  n = edges[node]
  for (i = 1; i <= n; i++) { way = cost[node, i] + longest(next_node[node, i]); if (way > best) best = way }
  return far[node] = best
}
function shortest(node,    i, n, best, way) {
  if (node in near) return near[node]
  best = node in setup ? 0 : 1000
  n = edges[node]
  for (i = 1; i <= n; i++) { way = cost[node, i] + shortest(next_node[node, i]); if (way < best) best = way }
  return near[node] = best
}
function edge(from, to, d) { edges[from]++; next_node[from, edges[from]] = to; cost[from, edges[from]] = d }
{ gsub(/\\/, "") }
$1 == "(INSTANCE" { instance = substr($2, 1, length($2) - 1) }
$1 == "(INTERCONNECT" {
  edge($2, $3, delay($4))
  if ($2 ~ "^(" pads ")[^/]*/D_IN_0$") from[$2] = 1
}
$1 == "(IOPATH" && $2 != "CLK" { edge(instance "/" $2, instance "/" $3, delay($4)) }
$1 == "(SETUPHOLD" { pin = instance "/" substr($3, 1, length($3) - 1); d = delay($6); if (d > setup[pin]) setup[pin] = d }
END {
  low = 1000
  for (pad in from) {
    if (shortest(pad) < low) low = shortest(pad)
    if (longest(pad) > high) high = longest(pad)
    count++
  }
  ok = count && low >= least && high <= most
  printf "           %d input pads to their registers: %.2f to %.2f ns (needed: %.2f to %.2f)%s\n", count, low, high, least, most, ok ? "" : " NOT MET"
  exit !ok
}
