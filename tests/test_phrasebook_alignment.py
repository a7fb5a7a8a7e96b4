"""Word alignments against gold that was written by hand, word by word."""

from __future__ import annotations

from itertools import islice, permutations

import pytest

from imi.data import phrasebook
from imi.data.phrasebook.tree import Clause, NounPhrase, Pair

NP = NounPhrase
ME, ANNA = NP("i"), NP("anna")
READ = Clause("read", ME, NP("book", "a"), tense="past")
NOT_EAT = Clause("eat", NP("teacher", "the"), NP("bread", "the"), tense="past", negative=True)
GO = Clause("go", NP("mother", "my"), place=NP("station", "the", relation="to"), tense="future")
BUY = Clause("buy", ANNA, NP("book", "", True, 3), tense="past", day="yesterday")
GIVE = Clause("give", ME, NP("flower", "a", adjective="red"), NP("friend", "the"), tense="past")
WHAT = Clause("drink", NP("you"), ask="what", tense="past")
TIRED = Clause("tired", NP("she"))
WORK = Clause("work_now", ANNA, where=NP("home", relation="at"), tense="past")
BECAUSE = Pair("because", Clause("rest", ANNA, tense="past"),
               Clause("tired", NP("she"), tense="past"), same=True)  # fmt: skip
CAN = Clause("swim", NP("he"), modal="can", negative=True)
MAN = NP("man", "the", relative=Clause("sell", object=NP("car", "the"), tense="past",
                                       gap="subject"))  # fmt: skip
RELATIVE = Clause("laugh", MAN, tense="past")
GETS_UP = Clause("get_up", NP("brother", "my"), day="every_day", clock=6)

# (tree, source, target, the two texts, gold: "words of the source = words of the target").
GOLD = [
    (READ, "en", "ja", "I read a book.", "私は本を読みました。",
     "I=私 read=読み,ました book=本 .=。"),
    (NOT_EAT, "en", "ja", "The teacher did not eat the bread.", "先生はパンを食べませんでした。",
     "teacher=先生 did=でした not=ません eat=食べ bread=パン .=。"),
    (NOT_EAT, "en", "de", "The teacher did not eat the bread.",
     "Der Lehrer hat das Brot nicht gegessen.",
     "The=Der teacher=Lehrer did=hat not=nicht eat=gegessen the=das bread=Brot .=."),
    (GO, "en", "ko", "My mother will go to the station.", "제 어머니는 역에 가실 거예요.",
     "My=제 mother=어머니 will=가실,거예요 go=가실,거예요 to=에 station=역 .=."),
    (BUY, "en", "ja", "Anna bought three books yesterday.", "アンナさんは昨日本を三冊買いました。",
     "Anna=アンナ bought=買い,ました three=三,冊 books=本 yesterday=昨日 .=。"),
    (BUY, "de", "ko", "Anna hat gestern drei Bücher gekauft.", "안나 씨는 어제 책 세 권을 샀어요.",
     "Anna=안나 hat=샀어요 gestern=어제 drei=세,권 Bücher=책 gekauft=샀어요 .=."),
    (GIVE, "en", "fr", "I gave a red flower to the friend.", "J'ai donné une fleur rouge à l'ami.",
     "I=J' gave=ai,donné a=une red=rouge flower=fleur to=à the=l' friend=ami .=."),
    (GIVE, "ja", "ko", "私は友だちに赤い花をあげました。", "저는 친구에게 빨간 꽃을 줬어요.",
     "私=저 は=는 友だち=친구 に=에게 赤い=빨간 花=꽃 を=을 あげ=줬어요 ました=줬어요 。=."),
    (WHAT, "en", "fr", "What did you drink?", "Qu'est-ce que vous avez bu\u202f?",
     "What=Qu',est-ce,que,? did=avez you=vous drink=bu ?=Qu',est-ce,que,?"),
    (WHAT, "en", "ja", "What did you drink?", "何を飲みましたか。",
     "What=何,か,。 did=ました drink=飲み ?=何,か,。"),
    (WORK, "en", "de", "Anna worked at home.", "Anna hat zu Hause gearbeitet.",
     "Anna=Anna worked=hat,gearbeitet at=zu home=Hause .=."),
    (BECAUSE, "en", "ja", "Anna rested because she was tired.",
     "アンナさんは疲れていたので、休みました。",
     "Anna=アンナ rested=休み,ました because=ので was=疲れていた tired=疲れていた .=。"),
    (BECAUSE, "fr", "de", "Anna s'est reposée parce qu'elle était fatiguée.",
     "Anna hat sich ausgeruht, weil sie müde war.",
     "Anna=Anna s'=sich,ausgeruht est=hat reposée=sich,ausgeruht parce=weil qu'=weil elle=sie "
     "était=war fatiguée=müde .=."),
    (CAN, "en", "ja", "He cannot swim.", "彼は泳ぐことができません。",
     "He=彼 cannot=こと,でき,ません swim=泳ぐ .=。"),
    (RELATIVE, "en", "ja", "The man who sold the car laughed.",
     "車を売った男の人は笑いました。",
     "man=男の人 sold=売った car=車 laughed=笑い,ました .=。"),
    (GETS_UP, "de", "en", "Mein Bruder steht jeden Tag um sechs Uhr auf.",
     "My brother gets up at six o'clock every day.",
     "Mein=My Bruder=brother steht=gets,up jeden=every,day Tag=every,day um=at,six,o'clock "
     "sechs=at,six,o'clock Uhr=at,six,o'clock auf=gets,up .=."),
]  # fmt: skip


def pairs_of_words(gold):
    found = set()
    for group in gold.split():
        left, right = group.rsplit("=", 1) if not group.startswith("=") else ("=", group[2:])
        found |= {(left, word) for word in right.split(",")}
    return found


@pytest.mark.parametrize(("tree", "source", "target", "text", "other", "gold"), GOLD)
def test_the_alignment_is_the_one_written_by_hand(tree, source, target, text, other, gold):
    meaning = phrasebook.Meaning(tree)
    a, b = meaning.say(source), meaning.say(target)
    assert (a.text, b.text) == (text, other)
    aligned = phrasebook.alignment(a, b)
    assert {(a.tokens[i], b.tokens[j]) for i, j in aligned} == pairs_of_words(gold)


@pytest.mark.parametrize(("source", "target"), list(permutations(phrasebook.LANGUAGES, 2)))
def test_alignments_are_symmetric_and_reach_most_words(source, target):
    words = reached = 0
    for meaning in islice(phrasebook.meanings(seed=53, max_words=30), 60):
        a, b = meaning.say(source), meaning.say(target)
        aligned = phrasebook.alignment(a, b)
        assert {(j, i) for i, j in aligned} == phrasebook.alignment(b, a)
        assert (len(a) - 1, len(b) - 1) in aligned  # the full stops
        assert all(0 <= i < len(a) and 0 <= j < len(b) for i, j in aligned)
        words += len(a)
        reached += len({i for i, _ in aligned})
    assert reached / words > 0.6


def test_particles_and_articles_without_a_counterpart_stand_alone():
    meaning = phrasebook.Meaning(READ)
    english, japanese = meaning.say("en"), meaning.say("ja")
    aligned = phrasebook.alignment(english, japanese)
    alone = {english.tokens[i] for i in range(len(english))} - {
        english.tokens[i] for i, _ in aligned
    }
    assert alone == {"a"}
    assert {japanese.tokens[j] for j in range(len(japanese))} - {
        japanese.tokens[j] for _, j in aligned
    } == {"は", "を"}
