'use strict';
(() => {
  const drawn = new Map();
  const color = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const day = place => Date.parse(place + 'T00:00:00Z') / 1000;
  const short = label => label.length > 9 ? label.slice(0, 8) + '…' : label;
  const number = value => value == null ? '–'
    : Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));

  /** uPlot's series and data of a chart; a band is drawn between two lines. */
  const series = chart => {
    const bars = chart.series.filter(s => s.mark === 'bars').length;
    const all = {series: [], data: [], bands: []};
    let bar = 0;
    for (const s of chart.series) {
      const first = all.series.length === 0 || s.mark === 'points';
      const ink = color(s.mark === 'limit' ? 'limit' : s.mark === 'usual' ? 'usual' : s.mark === 'bars' && bar > 0 ? 'then' : first ? 'now' : 'then');
      const line = {label: s.name, stroke: ink, width: 2, points: {show: false}, value: (u, v) => number(v)};
      if (s.mark === 'limit') {
        line.dash = [6, 4];
        line.width = 1.5;
      } else if (s.mark === 'usual') {
        line.width = 1;
      } else if (s.mark === 'points') {
        line.points = {show: true, size: 7, fill: ink};
        line.paths = () => null;
      } else if (s.mark === 'line') {
        line.points = {show: chart.places.length < 40, size: 5, fill: ink};
      } else if (s.mark === 'bars') {
        line.width = 0;
        line.fill = ink;
        line.paths = uPlot.paths.bars({size: [bars > 1 ? 0.4 : 0.7, 40], align: bars > 1 ? (bar === 0 ? 1 : -1) : 0});
        bar++;
      }
      if (s.upper) {
        const at = all.series.length + 1;
        all.bands.push({series: [at + 1, at], fill: color('band')});
        line.label = s.name + ', from';
        line.width = 0.5;
        all.series.push(line, {...line, label: 'to'});
        all.data.push(s.values, s.upper);
      } else {
        all.series.push(line);
        all.data.push(s.values);
      }
    }
    return all;
  };

  const axes = (chart, width) => {
    const ink = {stroke: color('soft'), grid: {stroke: color('line'), width: 1}, ticks: {stroke: color('line'), width: 1}, font: '12px system-ui, sans-serif'};
    const x = {...ink};
    if (chart.axis === 'groups') {
      const every = Math.ceil(chart.places.length * 64 / Math.max(1, width - 60));
      x.grid = {show: false};
      x.splits = () => chart.places.map((p, i) => i).filter(i => i % every === 0);
      x.values = (u, splits) => splits.map(i => short(chart.places[i]));
    } else if (chart.axis === 'days') {
      x.space = 70;
      x.values = (u, splits) => splits.map(s => new Date(s * 1000).toISOString().slice(5, 10));
      x.incrs = [1, 2, 7, 14, 28, 91, 182, 364].map(days => days * 86400);
    }
    return [x, {...ink, size: 56, values: (u, splits) => splits.map(number)}];
  };

  const draw = figure => {
    const plot = figure.querySelector('.plot');
    const width = plot.clientWidth;
    drawn.get(figure)?.destroy();
    drawn.delete(figure);
    if (width === 0) {
      return;
    }
    const chart = JSON.parse(figure.dataset.chart);
    const places = chart.places.map((place, i) => chart.axis === 'groups' ? i : chart.axis === 'days' ? day(place) : Number(place));
    const {series: lines, data, bands} = series(chart);
    const name = {
      label: chart.axis === 'days' ? 'Day' : chart.axis === 'groups' ? 'Values' : 'At',
      value: (u, v, at, i) => i == null ? '–' : chart.places[i]
    };
    const x = {time: false};
    if (chart.axis === 'groups') {
      x.range = [-0.6, places.length - 0.4];
    }
    drawn.set(figure, new uPlot({
      width, height: 220, bands,
      scales: {x, y: {range: (u, low, high) => {
        const bars = chart.series.some(s => s.mark === 'bars');
        const [from, to] = uPlot.rangeNum(bars ? Math.min(0, low) : low, high, {min: {pad: bars ? 0 : .1}, max: {pad: .1}});
        return bars || low >= 0 && from < 0 ? [Math.min(0, low), to] : [from, to];
      }}},
      series: [name, ...lines],
      axes: axes(chart, width),
      cursor: {drag: {x: false, y: false}, y: false}
    }, [places, ...data], plot));
  };

  const figures = [...document.querySelectorAll('figure[data-chart]')];
  const drawAll = () => figures.forEach(draw);
  drawAll();
  document.addEventListener('toggle', e => [...e.target.querySelectorAll('figure[data-chart]')].filter(f => !drawn.has(f)).forEach(draw), true);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== width) {
      width = innerWidth;
      drawAll();
    }
  });
})();
