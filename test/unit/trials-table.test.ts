import { describe, expect, it } from 'vitest';
import { createTrial, type FrozenTrial, floatDistribution, type NewTrial } from '../../src/core/index.ts';
import { createStudy, type TableAttr, trialsTable } from '../../src/index.ts';

const X = { x: floatDistribution(0, 1) };
const START = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
const END = new Date(START.getTime() + 1500);

function trials(...fields: NewTrial[]): FrozenTrial[] {
  return fields.map((each, number) => ({ ...createTrial(each), number }));
}

const TWO = trials(
  {
    value: 0.5,
    params: { x: 0.25 },
    distributions: X,
    userAttrs: { note: 'a, "b"\nc', list: [1, 'two'] },
    systemAttrs: { origin: true },
    datetimeStart: START,
    datetimeComplete: END,
  },
  { state: 'FAIL', userAttrs: { list: null } },
);

describe('trialsTable', () => {
  it("has the columns of Optuna's trials_dataframe", () => {
    const { columns, rows } = trialsTable(TWO);
    expect(columns).toEqual([
      'number',
      'value',
      'datetime_start',
      'datetime_complete',
      'duration',
      'params_x',
      'user_attrs_list',
      'user_attrs_note',
      'system_attrs_origin',
      'state',
    ]);
    expect(rows).toEqual([
      [0, 0.5, START, END, 1.5, 0.25, [1, 'two'], 'a, "b"\nc', true, 'COMPLETE'],
      [1, undefined, undefined, undefined, undefined, undefined, null, undefined, undefined, 'FAIL'],
    ]);
  });

  it('has one column for each of several objectives, by its metric name if the study has names', async () => {
    const pair = trials({ state: 'FAIL' }, { values: [1, 2] });
    expect(trialsTable(pair, { attrs: ['value'] })).toMatchObject({
      columns: ['values_0', 'values_1'],
      rows: [
        [undefined, undefined],
        [1, 2],
      ],
    });
    const study = await createStudy({ directions: ['minimize', 'maximize'] });
    expect(trialsTable(study, { attrs: ['value'] }).columns).toEqual(['values_0', 'values_1']);
    await study.setSystemAttr('study:metric_names', ['loss', 'speed']);
    expect(trialsTable(study, { attrs: ['value'] }).columns).toEqual(['values_loss', 'values_speed']);
  });

  it('has the columns that are asked for, in that order', () => {
    const constrained = trials({ value: 1, constraints: [-1, 2] }, { value: 2 });
    const table = trialsTable(constrained, { attrs: ['state', 'constraints', 'number'] });
    expect(table.columns).toEqual(['state', 'constraints_0', 'constraints_1', 'number']);
    expect(table.rows).toEqual([
      ['COMPLETE', -1, 2, 0],
      ['COMPLETE', undefined, undefined, 1],
    ]);
    expect(() => trialsTable(TWO, { attrs: ['param' as TableAttr] })).toThrow(/some of number.*'param'/);
    expect(() => trialsTable(TWO, { attr: [] } as never)).toThrow(/no option 'attr'/);
  });

  it('handles parameters with the names of inherited members', () => {
    const odd = trials(
      { value: 1, params: { constructor: 0.5 }, distributions: { constructor: X.x } },
      {
        value: 2,
      },
    );
    const table = trialsTable(odd, { attrs: ['params'] });
    expect([table.columns, table.rows]).toEqual([['params_constructor'], [[0.5], [undefined]]]);
  });

  it('is empty but for its heads without trials', () => {
    expect(trialsTable([]).toCsv()).toBe('number,value,datetime_start,datetime_complete,duration,state\r\n');
    expect(trialsTable([]).toJson()).toBe('[]');
  });
});

describe('CSV', () => {
  it('quotes as RFC 4180 says', () => {
    expect(trialsTable(TWO).toCsv()).toBe(
      'number,value,datetime_start,datetime_complete,duration,params_x,user_attrs_list,user_attrs_note,system_attrs_origin,state\r\n' +
        '0,0.5,2026-01-02T03:04:05.678Z,2026-01-02T03:04:07.178Z,1.5,0.25,"[1, ""two""]","a, ""b""\nc",true,COMPLETE\r\n' +
        '1,,,,,,,,,FAIL\r\n',
    );
  });

  it.each([
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [1e-300, '1e-300'],
    ['line\rbreak', '"line\rbreak"'],
    [' space ', ' space '],
    [{ a: Number.NaN }, '"{""a"": NaN}"'],
    [false, 'false'],
  ])('writes %j as %s', (value, text) => {
    const table = trialsTable(trials({ state: 'FAIL', userAttrs: { v: value } }), { attrs: ['user_attrs'] });
    expect(table.toCsv()).toBe(`user_attrs_v\r\n${text}\r\n`);
  });
});

describe('JSON', () => {
  it('has a record for each trial, without what it lacks', () => {
    const table = trialsTable(TWO, { attrs: ['number', 'value', 'datetime_start', 'user_attrs'] });
    expect(JSON.parse(table.toJson())).toEqual([
      {
        number: 0,
        value: 0.5,
        datetime_start: START.toISOString(),
        user_attrs_note: 'a, "b"\nc',
        user_attrs_list: [1, 'two'],
      },
      { number: 1, user_attrs_list: null },
    ]);
    const infinite = trialsTable(trials({ value: Number.NEGATIVE_INFINITY }), { attrs: ['value'] });
    expect(infinite.toJson()).toBe('[{"value":"-Infinity"}]');
    expect(infinite.records()).toEqual([{ value: Number.NEGATIVE_INFINITY }]);
  });
});
